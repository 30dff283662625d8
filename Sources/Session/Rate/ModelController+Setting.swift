import Ground

/// The rate and the window that the model sets.
extension ModelController {
  package var datagramsPerSecond: Double {
    guard pathRate > 0 else { return 2 * initialWindow / seconds(minimumRtt) }
    switch mode {
    case .startup:
      if isCautious { return Constants.conservativeGain * pathRate }
      guard !isGroup else { return Constants.startupGain * pathRate }
      return pathRate * Constants.startupGain(feedbackSeconds, minimumRttSeconds: seconds(minimumRtt))
    case .drain: return Constants.drainGain * pathRate
    case .up: return Constants.upGain(feedbackSeconds) * pathRate
    case .down: return Constants.downGain * pathRate
    case .cruise, .probeRtt: return pathRate
    }
  }

  package var windowCount: UInt64 {
    guard pathRate > 0 else { return UInt64(saturating: firstWindow) }
    let bandwidthDelay = pathRate * seconds(minimumRtt)
    switch mode {
    case .startup:
      let unreportedSeconds =
        Constants.floorSeconds(atRate: pathRate) + Constants.conservativeGain * feedbackSeconds
      return UInt64(
        saturating: max(firstWindow, Constants.startupGain * bandwidthDelay + pathRate * unreportedSeconds))
    case .probeRtt: return UInt64(saturating: max(4, bandwidthDelay / 2))
    // Two intervals: a report may be lost.
    default:
      return UInt64(
        saturating: Constants.ownWindow + 2 * bandwidthDelay
          + pathRate * (Constants.floorSeconds(atRate: pathRate) + 2 * feedbackSeconds))
    }
  }

  /// Start-up has built a queue. In unicast the newest round trip must show it too.
  private var isCautious: Bool { hasQueue && (isGroup || signs.isInRoundTrip && !isCoarse) }

  /// Datagrams for the first round trip. A small group's rate waits for a sample of each member, which takes
  /// two round trips. On a long path such a beginning fills less than the usual queues (20 ms at 20 Mb/s).
  private var initialWindow: Double {
    guard isGroup, feedbackSeconds <= seconds(minimumRtt) / 2 else { return Constants.initialWindow }
    return Constants.initialWindow * min(max(seconds(minimumRtt) / Constants.shortRttSeconds, 1), 3)
  }

  private var firstWindow: Double {
    let paced = initialWindow * (1 + feedbackSeconds / seconds(minimumRtt))
    return feedbackSeconds > 0 ? min(paced, Constants.initialGroupWindow) : initialWindow
  }

  var hasQueue: Bool { signs.isQueueing(minimumRtt: minimumRtt) }

  func seconds(_ nanoseconds: Nanoseconds) -> Double { max(1e-5, Double(nanoseconds) / 1e9) }
}
