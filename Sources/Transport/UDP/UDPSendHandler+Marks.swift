import Datagrams
import NIOCore
import Session

/// What goes to the socket, and whether the path may mark it, Specs/chunked-udp.md §6.16.
extension UDPSendHandler {
  /// From the next datagram on. One option of the socket, because a control message for each train would cost
  /// more.
  func allowMarks() {
    areMarksAllowed = machine.allowsMarks
    if loop.socket.carrier == nil { loop.socket.allowMarks(areMarksAllowed) }
  }

  /// One datagram to the socket. `isMarked`: an induced impairment marks what may be marked.
  func hand(_ datagram: ByteBuffer, isMarked: Bool = false) {
    hand(datagram, segmentByteCount: datagram.readableBytes, datagramCount: 1, isMarked: isMarked)
  }

  func hand(_ bytes: ByteBuffer, segmentByteCount: Int, datagramCount: Int, isMarked: Bool = false) {
    counters.handedCount += UInt64(datagramCount)
    let segment = datagramCount > 1 ? segmentByteCount : nil
    let marks = isMarked && areMarksAllowed
    tracing?.written(
      bytes, segment: segment, to: destination, congestionField: marks ? 3 : areMarksAllowed ? 2 : 0,
      now: clock.now)
    writer.write(bytes, segmentByteCount: segmentByteCount, to: destination, isMarked: marks)
  }
}
