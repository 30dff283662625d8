import Ground

/// The rate and the window that the model sets.
extension ModelController {
  package var datagramsPerSecond: Double {
    guard pathRate > 0 else { return 2 * Constants.initialWindow / seconds(minimumRtt) }
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

  private var firstWindow: Double {
    let paced = Constants.initialWindow * (1 + feedbackSeconds / seconds(minimumRtt))
    return feedbackSeconds > 0 ? min(paced, Constants.initialGroupWindow) : Constants.initialWindow
  }

  var hasQueue: Bool { signs.isQueueing(minimumRtt: minimumRtt) }

  func seconds(_ nanoseconds: Nanoseconds) -> Double { max(1e-5, Double(nanoseconds) / 1e9) }
}
