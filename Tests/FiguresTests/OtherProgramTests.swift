import Figures
import Foundation
import Testing

struct OtherProgramTests {
  /// A pipe takes 64 KiB: a program that says more on either side waits until somebody reads it.
  @Test(.timeLimit(.minutes(1)), arguments: [(1_000_000, 3), (3, 1_000_000), (1_000_000, 1_000_000), (0, 0)])
  func bothStreamsAreReadAtTheSameTime(outputByteCount: Int, errorByteCount: Int) throws {
    let script = "head -c \(errorByteCount) /dev/zero >&2; head -c \(outputByteCount) /dev/zero; exit 9"
    let outcome = try OtherProgram.run("/bin/sh", ["-c", script])
    #expect(outcome.status == 9)
    #expect(outcome.output.count == outputByteCount)
    #expect(outcome.errors.count == errorByteCount)
  }

  @Test func aProgramThatIsNotThereIsAnError() {
    #expect(throws: (any Error).self) { try OtherProgram.run("/no/such/program", []) }
  }
}
