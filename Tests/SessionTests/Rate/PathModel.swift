import Ground
import Session

/// A path in virtual time, for one controller: a bottleneck with a drop-tail queue, random loss behind it, a
/// round trip, and a receiver that reports as ours does. Deterministic: the same numbers each time.
struct PathModel {
  var datagramsPerSecond: Double
  var rttSeconds: Double
  var bufferSeconds = 0.03
  var lossFraction = 0.0
  /// The bottleneck's rate becomes this at that time.
  var change: (at: Double, datagramsPerSecond: Double)?

  /// What happened after `from`.
  struct Result {
    var sent = 0
    var carried = 0
    var queueDrops = 0
    var longestQueueSeconds = 0.0
    /// Part of the bottleneck's capacity that was used.
    var utilisation = 0.0
    /// Of the datagrams sent, those the queue dropped.
    var queueLoss: Double { sent == 0 ? 0 : Double(queueDrops) / Double(sent) }
  }

  private struct Datagram { var number: UInt64, sentAt: Double, arrivesAt: Double, isLost: Bool }
  private struct Report { var at: Double, highest: UInt64, arrival: Double, delivered: UInt64 }

  /// Runs the controller to `until`, and tells what happened from `from` on; seconds.
  func run(_ controller: AnyRateController, from: Double, until: Double, seed: UInt64 = 1) -> Result {
    var controller = controller
    controller.begin(rttNanoseconds: Nanoseconds(rttSeconds * 1e9), feedbackNanoseconds: 0)
    var generator = SplitMix64(seed: seed)
    var result = Result()
    var now = 0.0
    var nextSend = 0.0
    var next: UInt64 = 0
    var busyUntil = 0.0
    var inTransit: [Datagram] = []
    var head = 0
    var sentAt: [Double] = []
    var reports: [Report] = []
    var reportHead = 0
    var nextReport = 0.0
    var receiver = Report(at: 0, highest: 0, arrival: 0, delivered: 0)
    var known: Report?
    var minimumRtt = Nanoseconds.max
    var progressAt = 0.0
    var acknowledged: UInt64 = 0
    let reportInterval = min(max(rttSeconds / 4, 0.001), 0.05)
    let step = min(0.0002, max(rttSeconds / 20, 0.00002))

    while now < until {
      let capacity =
        change.map { now >= $0.at ? $0.datagramsPerSecond : datagramsPerSecond } ?? datagramsPerSecond
      nextSend = max(nextSend, now - 0.002)
      while nextSend <= now, next - acknowledged < controller.windowCount {
        let queue = max(0, busyUntil - now)
        let isDropped = queue > bufferSeconds
        if !isDropped { busyUntil = max(busyUntil, now) + 1 / capacity }
        if now >= from {
          result.sent += 1
          if isDropped { result.queueDrops += 1 } else { result.carried += 1 }
          result.longestQueueSeconds = max(result.longestQueueSeconds, queue)
        }
        inTransit.append(
          Datagram(
            number: next, sentAt: now,
            arrivesAt: isDropped ? now + queue + rttSeconds / 2 : busyUntil + rttSeconds / 2,
            isLost: isDropped || generator.nextUnit() < lossFraction))
        sentAt.append(now)
        next += 1
        nextSend += 1 / controller.datagramsPerSecond
      }
      while head < inTransit.count, inTransit[head].arrivesAt <= now {
        if !inTransit[head].isLost {
          receiver.highest = inTransit[head].number
          receiver.arrival = inTransit[head].arrivesAt
          receiver.delivered += 1
        }
        head += 1
      }
      if now >= nextReport, receiver.delivered > 0 {
        nextReport = now + reportInterval
        receiver.at = now
        reports.append(receiver)
      }
      while reportHead < reports.count, reports[reportHead].at + rttSeconds / 2 <= now {
        let report = reports[reportHead]
        reportHead += 1
        defer { known = report }
        guard let last = known, report.highest > last.highest else { continue }
        progressAt = now
        acknowledged = max(acknowledged, report.highest + 1)
        let sent = report.highest - last.highest
        let delivered = report.delivered - last.delivered
        let rtt = Nanoseconds((report.arrival - sentAt[Int(report.highest)] + rttSeconds / 2) * 1e9)
        minimumRtt = min(minimumRtt, rtt)
        controller.handle(
          RateSample(
            now: Instant(nanoseconds: UInt64(now * 1e9)), rttNanoseconds: rtt,
            minimumRttNanoseconds: minimumRtt,
            deliveredCount: delivered,
            deliveredOverNanoseconds: Nanoseconds((report.arrival - last.arrival) * 1e9),
            sentCount: sent, smallCount: 0,
            sentOverNanoseconds: Nanoseconds((sentAt[Int(report.highest)] - sentAt[Int(last.highest)]) * 1e9),
            lostCount: sent - min(sent, delivered), socketDropCount: 0, inFlightCount: next - acknowledged,
            isApplicationLimited: false, feedbackNanoseconds: 0,
            highestPacket: report.highest, previousPacket: last.highest,
            nextPacket: next))
      }
      if next > acknowledged, now - progressAt > 3 * rttSeconds + 0.1 {
        progressAt = now
        acknowledged = next
        controller.handleSilence(now: Instant(nanoseconds: UInt64(now * 1e9)))
      }
      now += step
    }
    let capacity =
      change.map { from >= $0.at ? $0.datagramsPerSecond : datagramsPerSecond } ?? datagramsPerSecond
    result.utilisation = Double(result.carried) / (capacity * (until - from))
    return result
  }
}

extension PathModel {
  /// A path of so many megabits per second, for datagrams of 1,472 bytes in packets of 1,500.
  init(megabits: Double, rttMilliseconds: Double, loss: Double = 0, bufferMilliseconds: Double = 30) {
    self.init(
      datagramsPerSecond: megabits * 1e6 / 8 / 1_500, rttSeconds: rttMilliseconds / 1_000,
      bufferSeconds: bufferMilliseconds / 1_000, lossFraction: loss)
  }
}
