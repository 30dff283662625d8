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

  @Test func aProgramThatIsNotThereIsAnError() throws {
    let error = #expect(throws: POSIXError.self) { try OtherProgram.run("/no/such/program", []) }
    #expect(ErrorReason.text(try #require(error)) == "No such file or directory")
  }

  @Test func aSignalIsTheStatus() throws {
    #expect(try OtherProgram.run("/bin/sh", ["-c", "kill -KILL $$"]).status == SIGKILL)
  }

  /// A program has signals as from a shell, and each of our two pipes once: it would never end for its reader
  /// if the program held it open twice.
  @Test func signalsAndDescriptorsAreNotInherited() throws {
    signal(SIGPIPE, SIG_IGN)
    var (blocked, before) = (sigset_t(), sigset_t())
    sigemptyset(&blocked)
    sigaddset(&blocked, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &blocked, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    // The shell reads its own state: dash blocks all signals while it starts a program that could read it.
    let read = "while read line; do case $line in SigBlk*|SigIgn*) echo \"$line\";; esac; done"
    let script = "ls -l /proc/$$/fd; \(read) </proc/$$/status; cat"
    let outcome = try OtherProgram.run("/bin/sh", ["-c", script])
    let lines = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n")
    #expect(outcome.status == 0)
    let pipes = [" 1 -> ", " 2 -> "].compactMap { name in
      lines.first { $0.contains(name + "pipe:") }?.split(separator: " ").last
    }
    #expect(Set(pipes).count == 2)
    #expect(pipes.allSatisfy { pipe in lines.count { $0.hasSuffix(pipe) } == 1 }, "\(lines)")
    #expect(lines.count { $0.hasSuffix(" 0 -> /dev/null") } == 1)
    let sets = lines.filter { $0.hasPrefix("Sig") }.compactMap { UInt64($0.suffix(16), radix: 16) }
    #expect(sets.count == 2)
    #expect(sets.allSatisfy { $0 & (1 << (SIGTERM - 1) | 1 << (SIGPIPE - 1)) == 0 })
  }
}
