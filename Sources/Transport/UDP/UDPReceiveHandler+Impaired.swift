import Datagrams
import Ground
import Impairment
import NIOCore
import Session
import Trace

/// What happens to datagrams on the way that this side can see: induced impairments, and marks.
extension UDPReceiveHandler {
  /// Hands a datagram on as the induced impairment of this side decides.
  func impair(_ arrival: Arrival, _ isStrange: Bool, now: Instant) {
    guard let from = arrival.sender else { return }
    let (isMarked, mayBeMarked) = (arrival.isMarked, arrival.congestionField != 0)
    arrival.eachDatagram { bytes in
      let datagram = ByteBuffer(bytes: bytes)
      let verdict = incoming.verdict(of: bytes, now: now)
      tracing?.decided(verdict, datagram, .incoming, now: now)
      if case .dropped = verdict { inducedLosses.note(datagram, machine: machine, now: now) }
      ImpairedPath.schedule(verdict, bytes: datagram, on: loop, incoming.flight) { [weak self] copy, marks in
        guard let self else { return }
        let now = self.clock.now
        copy.withUnsafeReadableBytes { bytes in
          self.noting(isMarked || (marks && mayBeMarked)) {
            self.receive(bytes, segment: bytes.count, isStrange, from: { from }, now: now)
          }
        }
        self.flush()
        if case .delivered(let one) = verdict, one.delayNanoseconds == 0 { return }
        self.pump()
      }
    }
  }

  /// Runs `body`, which hands datagrams over that came marked "congestion experienced" or not. Those of the
  /// session that were not here before are counted.
  @inline(__always)
  func noting(_ areMarked: Bool, _ body: () -> Void) {
    guard areMarked else { return body() }
    let before = machine.datagramCount()
    body()
    machine.noteMarked(since: before)
  }
}
