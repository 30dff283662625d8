import Glibc
import Ground
import Session
import Testing

@Suite struct NackBackoffTests {
  @Test(arguments: [UInt32(0), 1, 2, 1_000, .max], [Nanoseconds(0), 1, 1_000_000, 1_000_000_000_000])
  func liesWithinKTimesGrtt(groupSize: UInt32, grtt: Nanoseconds) {
    var generator = SplitMix64(seed: 3)
    for _ in 0..<500 {
      #expect(NackBackoff.delay(grtt: grtt, groupSize: groupSize, using: &generator) <= 6 * grtt)
    }
  }

  /// K = 6 for groups of 30 and more; at the end of a set half as much. Few members wait less.
  @Test(arguments: [
    (UInt32(0), 0.2, 0.1), (1, 0.2, 0.1), (3, 0.6, 0.3), (10, 2, 1), (20, 4, 2), (30, 6, 3), (.max, 6, 3),
  ])
  func fewMembersNeedNotWaitLong(groupSize: UInt32, multiple: Double, atTheTail: Double) {
    #expect(NackBackoff.grttMultiple(groupSize: groupSize) == multiple)
    #expect(NackBackoff.grttMultiple(groupSize: groupSize, isTail: true) == atTheTail)
  }

  /// R receivers lose the same datagram; a NACK silences those who would speak later than the time after
  /// which they hear of it. RFC 5401 §3.2.2 gives exp(1.2·λ/(2K)) for half a GRTT, from receiver to receiver.
  /// Here only the sender's notice silences, which takes a whole GRTT: exp(1.2·λ/K). Both are compared with
  /// 4,000 draws.
  @Test(arguments: [(30, false), (100, false), (1_000, false), (1_000, true)], [0.5, 1.0])
  func fewSpeak(group: (size: Int, isTail: Bool), silencedAfterGrtts: Double) {
    let (groupSize, isTail) = group
    let grtt: Nanoseconds = 1_000_000
    var generator = SplitMix64(seed: UInt64(groupSize))
    var nackCount = 0
    let trialCount = 4_000
    for _ in 0..<trialCount {
      var delays: [Nanoseconds] = []
      for _ in 0..<groupSize {
        delays.append(
          NackBackoff.delay(
            grtt: grtt, groupSize: UInt32(groupSize), isTail: isTail, using: &generator))
      }
      let silence = delays.reduce(.max, min) + Nanoseconds(silencedAfterGrtts * Double(grtt))
      nackCount += delays.count { $0 < silence }
    }
    let mean = Double(nackCount) / Double(trialCount)
    let lambda = Glibc.log(Double(groupSize)) + 1
    let multiple = NackBackoff.grttMultiple(groupSize: UInt32(groupSize), isTail: isTail)
    let model = Glibc.exp(1.2 * lambda * silencedAfterGrtts / multiple)
    #expect(mean >= 1 && abs(mean / model - 1) < 0.25, "R = \(groupSize): \(mean), model \(model)")
  }
}
