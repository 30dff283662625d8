import Ground
import Session
import Testing

/// When a group's rate is known to be far too high for its slowest member, Specs/chunked-udp.md §6.8.
@Suite struct SlowestMemberTests {
  /// Of 1,000 datagrams sent in 10 ms, `delivered` arrived in `over` milliseconds.
  private static func sample(delivered: UInt64, over milliseconds: UInt64 = 10) -> RateSample {
    RateSample(
      now: .zero, rttNanoseconds: nil, minimumRttNanoseconds: 0, deliveredCount: delivered,
      deliveredOverNanoseconds: .milliseconds(milliseconds), sentCount: 1_000, smallCount: 0,
      sentOverNanoseconds: .milliseconds(10), lostCount: 1_000 - delivered, socketDropCount: 0,
      inFlightCount: 0, isApplicationLimited: false, feedbackNanoseconds: 0, highestPacket: 0,
      previousPacket: 0, nextPacket: 0)
  }

  /// Of two samples: what arrived in both, over the time of both.
  @Test func twoSamplesTellWhatItsQueueLetsThrough() {
    var member = SlowestMember()
    member.note(3)
    #expect(member.narrowRate(Self.sample(delivered: 20, over: 12)) == nil)
    #expect(member.narrowRate(Self.sample(delivered: 16, over: 8)) == 1_800)
    #expect(member.narrowRate(Self.sample(delivered: 20)) == nil, "it begins anew")
  }

  /// It was away, and what it missed is in one sample.
  @Test func oneSampleDoesNot() {
    var member = SlowestMember()
    member.note(3)
    #expect(member.narrowRate(Self.sample(delivered: 100)) == nil)
    #expect(member.narrowRate(Self.sample(delivered: 1_000)) == nil)
    #expect(member.narrowRate(Self.sample(delivered: 100)) == nil)
  }

  /// The second sample is another member's.
  @Test func theSamplesAreOfOneMember() {
    var member = SlowestMember()
    member.note(3)
    #expect(member.narrowRate(Self.sample(delivered: 100)) == nil)
    member.note(4)
    #expect(member.narrowRate(Self.sample(delivered: 100)) == nil)
    member.note(4)
    #expect(member.narrowRate(Self.sample(delivered: 100)) == 10_000)
  }

  /// A hostile member's clock can make its rate as small as it likes.
  @Test func aFewDatagramsARoundTripRemain() {
    var controller = AnyRateController(.model, datagramByteCount: 1_472)
    controller.begin(rttNanoseconds: .milliseconds(20), feedbackNanoseconds: .milliseconds(5))
    controller.handle(Self.sample(delivered: 1_000))
    #expect(controller.datagramsPerSecond > 50_000)
    controller.handleNarrowing(to: 0.001, nextPacket: 1_000, now: .zero)
    #expect((100...1_000).contains(controller.datagramsPerSecond), "\(controller.datagramsPerSecond)")
  }

  /// A quarter or more is for the controller, which comes down step by step. A few datagrams say nothing.
  @Test func lessThanThatIsNotFarNarrower() {
    var member = SlowestMember()
    member.note(3)
    for _ in 0..<5 { #expect(member.narrowRate(Self.sample(delivered: 250)) == nil) }
    #expect(member.narrowRate(Self.sample(delivered: 15)) == nil)
    #expect(member.narrowRate(Self.sample(delivered: 15)) == nil)
    #expect(member.narrowRate(Self.sample(delivered: 15)) == 1_500)
  }
}
