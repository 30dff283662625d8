package import FoundationEssentials
package import Glibc

/// Starts another program.
package enum ChildProgram {
  /// Starts the program at the path `words[0]`, with the other words as its arguments. It has a process group
  /// of its own and reads /dev/null. It inherits this process's standard output and error where `redirect`
  /// does not replace them, and no other descriptor, because all of ours close on exec.
  ///
  /// `environment` comes on top of this process's variables.
  /// - Returns: the process id. The caller has to wait for it (waitpid(2)).
  package static func start(
    _ words: [String], environment: [String: String] = [:],
    redirect: (inout posix_spawn_file_actions_t) -> Void
  ) throws(POSIXError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    redirect(&actions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    restoreSignals(&attributes)
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let arguments = words.map { strdup($0) } + [nil]
    let values = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { (arguments + values).forEach { free($0) } }
    var child: pid_t = 0
    let error = posix_spawn(&child, words.first ?? "", &actions, &attributes, arguments, values)
    guard error == 0 else { throw POSIXError(POSIXErrorCode(rawValue: error) ?? .EIO) }
    return child
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

  /// The exit code in what waitpid(2) gives, and the number of the signal that ended the program, or 0: the
  /// macros of <sys/wait.h>, which Swift does not import.
  package static func ending(_ word: Int32) -> (code: Int32, signal: Int32) {
    (code: word >> 8 & 0xFF, signal: word & 0x7F)
  }
}
