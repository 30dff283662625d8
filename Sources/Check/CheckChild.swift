import Figures
import FoundationEssentials
import Glibc
import Ground

/// A program that runs beside this one. It has a process group of its own, which ends with it.
final class CheckChild {
  private let pid: pid_t
  private let outputPath: String
  /// The exit code, or 128 and the number of the signal that ended it; nil while it runs.
  private(set) var status: Int32?

  /// What it prints goes to the file at `outputPath`. Throws `CheckError`.
  init(_ words: [String], environment: [String: String] = [:], outputPath: String) throws(CheckError) {
    self.outputPath = outputPath
    do {
      pid = try ChildProgram.start(words, environment: environment) { actions in
        posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
      }
    } catch { throw .cannotStart(program: words.first ?? "", errno: error.code.rawValue) }
  }

  deinit { kill() }

  /// Whether it has ended.
  var hasEnded: Bool {
    guard status == nil else { return true }
    var word: Int32 = 0
    guard waitpid(pid, &word, WNOHANG) != 0 else { return false }
    note(word)
    return true
  }

  /// Ends it, and all that it has started.
  func kill() {
    Glibc.kill(-pid, SIGKILL)
    guard status == nil else { return }
    var word: Int32 = 0
    while waitpid(pid, &word, 0) < 0, errno == EINTR {}
    note(word)
  }

  private func note(_ word: Int32) {
    let ending = ChildProgram.ending(word)
    status = ending.signal == 0 ? ending.code : 128 + ending.signal
  }

  /// The end of what it has printed.
  var output: String {
    let data = FileManager.default.contents(atPath: outputPath) ?? Data()
    return String(decoding: data.suffix(2_000), as: UTF8.self).trimmed
  }
}
