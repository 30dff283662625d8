import Testing
import Wire

/// One-byte codes of complete and abort: every value is representable and comes back as itself.
@Suite struct CodedValueTests {
  @Test(arguments: 0...UInt8.max)
  func everyCodeComesBack(code: UInt8) {
    #expect(CompleteStatus(rawValue: code).rawValue == code)
    #expect(AbortReason(rawValue: code).rawValue == code)
  }

  @Test func unknownCodesAreNeverSuccess() {
    for code in 4...UInt8.max { #expect(CompleteStatus(rawValue: code) == .unknown(code)) }
    for code in 12...UInt8.max { #expect(AbortReason(rawValue: code) == .unknown(code)) }
  }

  @Test(
    arguments: [
      (0, .unspecified), (1, .endedByUser), (2, .versionMismatch), (3, .fileChanged), (4, .cannotRead),
      (5, .cannotStore), (6, .tooSlow), (7, .refused), (8, .limitExceeded), (9, .internal), (10, .timeout),
      (11, .needsUnicast),
    ] as [(UInt8, AbortReason)])
  func reasonsOfTheSpecification(code: UInt8, reason: AbortReason) {
    #expect(AbortReason(rawValue: code) == reason)
  }

  @Test(
    arguments: [(0, .whole), (1, .someFilesFailed), (2, .couldNotStore), (3, .endedByUser)]
      as [(UInt8, CompleteStatus)])
  func statusesOfTheSpecification(code: UInt8, status: CompleteStatus) {
    #expect(CompleteStatus(rawValue: code) == status)
  }
}
