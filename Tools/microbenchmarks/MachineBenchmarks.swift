import Ground
import Session
import Wire

/// The protocol's machines without sockets, files or payloads: what is left is their own cost.
enum MachineBenchmarks {
  static let all = [
    detector(name: "detector", losing: 0), detector(name: "detector-5%", losing: 20),
    session(name: "session", losing: 0), session(name: "session-5%", losing: 20),
  ]

  /// The receiver's account of packet numbers and chunks; of `losing` datagrams one is lost, and repaired
  /// after its NACK.
  private static func detector(name: String, losing: Int) -> Benchmark {
    Benchmark(name: name, unit: "chunk") { count in
      {
        let windows = LossDetector.Windows(quiet: .milliseconds(1), patience: .milliseconds(3))
        var ledger = PacketLedger()
        var detector = LossDetector(chunkCount: UInt64(count))
        var packet: UInt64 = 0
        var askedFor: UInt64 = 0
        for chunk in 0..<UInt64(count) {
          let now = Instant(nanoseconds: 1_000 * packet)
          if losing == 0 || chunk % UInt64(losing) != 7 {
            _ = ledger.insert(packet, now: now)
            _ = detector.noteChunk(chunk, packet: packet, isRepair: false)
          }
          packet += 1
          guard chunk % 44 == 43 else { continue }
          _ = detector.detect(ledger: ledger, windows: windows, now: now)
          guard detector.wantsNack else { continue }
          for range in detector.takeWanted(maximumRanges: 144, now: now) {
            detector.notePromise(
              first: UInt64(range.first), count: UInt64(range.count), firstPacket: packet, now: now)
            for lost in range.chunks {
              _ = ledger.insert(packet, now: now)
              _ = detector.noteChunk(lost, packet: packet, isRepair: true)
              packet += 1
              askedFor += 1
            }
          }
        }
        return detector.received.count &+ askedFor
      }
    }
  }

  /// A whole session of both machines, from the announce to the close; of `losing` data datagrams one is
  /// lost.
  private static func session(name: String, losing: UInt64) -> Benchmark {
    Benchmark(name: name, unit: "chunk") { count in
      { SessionLoop(chunkCount: UInt64(count), losing: losing).run() }
    }
  }
}
