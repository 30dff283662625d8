import GallerySession

/// `lossy-link PERCENT` sends a set over a link that loses this part of all datagrams, in both directions.
/// Nothing here is a network: the program carries the datagrams, and the time is a variable. So each run with
/// the same percentage is the same to the last datagram.
@main
struct LossyLink {
  static func main() throws {
    let percent = CommandLine.arguments.dropFirst().first.flatMap(Double.init) ?? 10
    let files = (1...4).map { number in
      SessionFile(
        name: "image\(number).raw",
        bytes: (0..<250_000).map { UInt8(truncatingIfNeeded: $0 &* number &+ $0 / 251) })
    }
    var sender = try SendingSession(files, sessionID: 2_026, rateLimit: 100e6, now: .zero)
    var receiver = ReceivingSession(name: "an example", receiverID: 7)
    var link = Link(lossFraction: percent / 100)
    var now = Duration.zero
    while !(sender.hasEnded && receiver.hasEnded) {
      while let datagram = sender.nextDatagram(at: now) { link.carry(datagram, toReceiver: true, at: now) }
      while let datagram = receiver.nextDatagram(at: now) { link.carry(datagram, toReceiver: false, at: now) }
      let times = [link.nextArrival, sender.nextDeadline, receiver.nextDeadline].compactMap(\.self)
      guard let next = times.min() else { break }
      now = max(now, next)
      for datagram in link.arrivals(at: now) {
        if datagram.isForReceiver {
          receiver.receive(datagram.bytes, at: now)
        } else {
          sender.receive(datagram.bytes, at: now)
        }
      }
    }
    let isEqual = receiver.files.map { $0.map(\.bytes) == files.map(\.bytes) } ?? false
    print("\(link.lostCount) of \(link.count) datagrams lost; \(sender.counts.repair) chunks sent again")
    print(isEqual ? "every byte is equal, after \(now)" : receiver.failure ?? "not whole")
  }
}

/// Carries each datagram in 10 ms, or loses it.
struct Link {
  struct Datagram {
    var bytes: [UInt8]
    var isForReceiver: Bool
    var arrival: Duration
  }

  let lossFraction: Double
  private(set) var count = 0
  private(set) var lostCount = 0
  /// In the order of their arrival, because all take the same time.
  private var underWay: [Datagram] = []
  private var random: UInt64 = 1

  init(lossFraction: Double) { self.lossFraction = lossFraction }

  var nextArrival: Duration? { underWay.first?.arrival }

  mutating func carry(_ bytes: [UInt8], toReceiver: Bool, at now: Duration) {
    count += 1
    // A linear congruential generator: simple, and the same in each run.
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    if Double(random >> 11) / Double(1 << 53) < lossFraction {
      lostCount += 1
    } else {
      underWay.append(
        Datagram(bytes: bytes, isForReceiver: toReceiver, arrival: now + .milliseconds(10)))
    }
  }

  mutating func arrivals(at now: Duration) -> [Datagram] {
    let arrived = underWay.prefix { $0.arrival <= now }
    underWay.removeFirst(arrived.count)
    return Array(arrived)
  }
}
