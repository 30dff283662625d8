import Ground

extension ModelController {
  /// The numbers of the model, and where they come from.
  enum Constants {
    /// 2/ln 2, doubles the rate each round trip (BBR §4.3.1); with 30 % random loss still doubles.
    static let startupGain = 2.885
    static let drainGain = 0.75
    static let upGain = 1.25
    static let downGain = 0.75
    /// Phases at the rate itself between two probes; 6 as BBRv1: converges beside another flow within
    /// seconds.
    static let cruiseCount = 6
    /// Datagrams; 16 of 1,472 bytes, RFC 6928 rounded up.
    static let initialWindow = 16.0
    /// Datagrams: a group's reports come late, so that it begins with what is paced out until then, but no
    /// more than this.
    static let initialGroupWindow = 96.0
    /// What start-up leaves open beyond the measured rate while a group's reports come in: the rate grows by
    /// it, and a queue by no more than a quarter of an interval.
    static let groupStartupGain = 1.25
    /// What a probe may queue while a group's reports come in, seconds: a part of the buffers that are
    /// common.
    static let groupProbeSeconds = 0.025
    /// Datagrams that the window has whatever the rate: of two senders behind one queue the slower one's
    /// grows by a larger part, so that they meet (as Vegas' α does). 16 ms of a 10 Mb/s path.
    static let ownWindow = 13.0
    /// A phase is not shorter than this: timers and schedulers have a grain. Nanoseconds.
    static let phaseNanoseconds: Nanoseconds = .milliseconds(4)
    /// Rates are remembered so long at least: longer than a busy host may keep a process from running.
    /// Nanoseconds.
    static let memoryNanoseconds: Nanoseconds = .milliseconds(500)
    static let memoryPhases = 10
    /// The smallest round trip is looked for again when it was not seen for so long; BBR has 5 s.
    /// Nanoseconds.
    static let rttMemoryNanoseconds: Nanoseconds = .seconds(2)
    /// Round trips and intervals beyond it count as this, RFC 9002's silence aside: nobody waits so long for
    /// a picture.
    static let longestRttNanoseconds: Nanoseconds = .seconds(60)
    /// RFC 9002 §6.2.2: what is taken for a round trip as long as none was seen.
    static let longestFirstRttNanoseconds: Nanoseconds = .milliseconds(333)
  }
}
