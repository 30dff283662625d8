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

  /// R receivers lose the same datagram. The first NACK silences the receivers that hear of it before their
  /// own is due. RFC 5401 §3.2.2 gives exp(1.2·λ/(2K)) for half a GRTT, from receiver to receiver. Here only
  /// the sender's notice silences, which takes a whole GRTT: exp(1.2·λ/K). Both are compared with 4,000
  /// draws.
  @Test(arguments: [1, 10, 100, 1_000], [0.5, 1.0])
  func fewSpeak(groupSize: Int, silencedAfterGrtts: Double) {
    let grtt: Nanoseconds = 1_000_000
    var generator = SplitMix64(seed: UInt64(groupSize))
    var nackCount = 0
    let trialCount = 4_000
    for _ in 0..<trialCount {
      var delays: [Nanoseconds] = []
      for _ in 0..<groupSize {
        delays.append(NackBackoff.delay(grtt: grtt, groupSize: UInt32(groupSize), using: &generator))
      }
      let silence = delays.reduce(.max, min) + Nanoseconds(silencedAfterGrtts * Double(grtt))
      nackCount += delays.count { $0 < silence }
    }
    let mean = Double(nackCount) / Double(trialCount)
    let lambda = Glibc.log(Double(groupSize)) + 1
    let model = Glibc.exp(1.2 * lambda * silencedAfterGrtts / NackBackoff.grttMultiple)
    #expect(mean >= 1 && abs(mean / model - 1) < 0.25, "R = \(groupSize): \(mean), model \(model)")
  }
}
