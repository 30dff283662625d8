import Ground

extension ModelController {
  /// The numbers of the model, and where they come from.
  enum Constants {
    /// 2/ln 2: doubles the rate each round trip (BBR §4.3.1). With 30 % random loss the rate still doubles.
    static let startupGain = 2.885
    static let drainGain = 0.75
    static let upGain = 1.25
    static let downGain = 0.75
    /// Marks at the rate itself lower it by this factor once in a round trip, as RFC 8511 proposes.
    static let markedFactor = 0.85
    /// Datagrams in a round trip that marks leave at least.
    static let markedWindow = 4.0
    /// Phases at the rate itself between two probes. 6, as in BBRv1: the rate converges beside another flow
    /// within seconds.
    static let cruiseCount = 6
    /// Datagrams; 16 of 1,472 bytes, RFC 6928 rounded up.
    static let initialWindow = 16.0
    /// A small group begins with more than this window on a path with a longer round trip than this, seconds.
    static let shortRttSeconds = 0.0075
    /// Datagrams. A group's reports arrive late, so a group begins with what is paced until then, but with no
    /// more than this.
    static let initialGroupWindow = 96.0
    /// How far start-up goes beyond the measured rate when datagrams queue (as the conservative slow start of
    /// RFC 9406 §4.2), or while reports are rare: a group's, or those of a coarse timer. The rate grows by
    /// this factor, and a queue by no more than a quarter of an interval.
    static let conservativeGain = 1.25
    /// The queue that a probe may build while a group's reports arrive, seconds: a part of the usual buffers.
    static let groupProbeSeconds = 0.025
    /// Datagrams that the window has at any rate. When two senders share a queue, this is a larger part of
    /// the slower one's window, so that their rates approach each other (as Vegas' α does). 16 ms of a 10
    /// Mb/s path.
    static let ownWindow = 13.0
    /// The shortest phase, because timers and schedulers have a grain. Nanoseconds.
    static let phaseNanoseconds: Nanoseconds = .milliseconds(4)
    /// Rates are remembered for at least this time. It is longer than a busy host may keep a process from
    /// running. Nanoseconds.
    static let memoryNanoseconds: Nanoseconds = .milliseconds(500)
    static let memoryPhases = 10
    /// The smallest round trip is looked for again when it was not seen for this time; BBR has 5 s.
    /// Nanoseconds.
    static let rttMemoryNanoseconds: Nanoseconds = .seconds(2)
    /// Longer round trips and intervals count as this. No user waits longer for a picture. Nanoseconds.
    static let longestRttNanoseconds: Nanoseconds = .seconds(60)
    /// RFC 9002 §6.2.2: the round trip that is assumed before one was measured.
    static let longestFirstRttNanoseconds: Nanoseconds = .milliseconds(333)

    /// The gain of start-up with a peer whose timer is coarse. With reports each quarter of a round trip,
    /// start-up builds a queue of two round trips at most. Until the next report of such a peer much more
    /// would be sent, and the receiver's buffer would overflow.
    static func startupGain(_ feedbackSeconds: Double, minimumRttSeconds: Double) -> Double {
      guard feedbackSeconds > 0 else { return startupGain }
      let usual = startupGain - 1
      return 1 + min(usual, max(conservativeGain - 1, 2 * usual * minimumRttSeconds / feedbackSeconds))
    }

    /// The time that the window covers beyond the round trip, because reports and schedulers delay datagrams
    /// on hosts. 3 ms (4 ms took 0.75 of a 100 Mb/s bottleneck from TCP cubic), and up to 16 ms from 0.6 Gb/s
    /// on, where the host is slower than the path and few queues are full for that time.
    static func floorSeconds(atRate datagramsPerSecond: Double) -> Double {
      min(max(0.003, 0.004 * datagramsPerSecond / 12_500), 0.016)
    }

    static func feedbackSeconds(_ nanoseconds: Nanoseconds) -> Double {
      Double(min(nanoseconds, longestRttNanoseconds)) / 1e9
    }

    /// Datagrams that a probe adds queue until they are reported. In a group this takes two intervals or
    /// more.
    static func upGain(_ feedbackSeconds: Double) -> Double {
      guard feedbackSeconds > 0 else { return upGain }
      return 1 + min(upGain - 1, max(0.08, groupProbeSeconds / feedbackSeconds))
    }
  }
}
