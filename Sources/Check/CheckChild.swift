import Foundation
import Network

/// A program that runs beside this one. It has a process group of its own, which ends with it.
final class CheckChild {
  private let pid: pid_t
  private let outputPath: String
  /// The exit code, or 128 and the number of the signal that ended it; nil while it runs.
  private(set) var status: Int32?

  /// What it prints goes to the file at `outputPath`. Throws `CheckError`.
  init(_ words: [String], environment: [String: String] = [:], outputPath: String) throws(CheckError) {
    self.outputPath = outputPath
    var variables = ProcessInfo.processInfo.environment
    variables.merge(environment) { $1 }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    Self.restoreSignals(&attributes)
    let arguments = words.map { strdup($0) } + [nil]
    let values = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { (arguments + values).forEach { free($0) } }
    var child: pid_t = 0
    let error = posix_spawn(&child, words.first ?? "", &actions, &attributes, arguments, values)
    guard error == 0 else { throw .cannotStart(program: words.first ?? "", errno: error) }
    pid = child
  }

  /// This process blocks and ignores signals for its own ends; another program must not inherit that.
  private static func restoreSignals(_ attributes: inout posix_spawnattr_t) {
    var none = sigset_t()
    sigemptyset(&none)
    var ours = sigset_t()
    sigemptyset(&ours)
    for signal in [SIGINT, SIGTERM, SIGPIPE] { sigaddset(&ours, signal) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &ours)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETPGROUP | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
    posix_spawnattr_setflags(&attributes, Int16(flags))
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

  /// The macros of <sys/wait.h>, which Swift does not import.
  private func note(_ word: Int32) {
    let signal = word & 0x7F
    status = signal == 0 ? word >> 8 & 0xFF : 128 + signal
  }

  /// The end of what it has printed.
  var output: String {
    let data = FileManager.default.contents(atPath: outputPath) ?? Data()
    return String(decoding: data.suffix(2_000), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
