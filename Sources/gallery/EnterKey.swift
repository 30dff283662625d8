import Glibc

/// The Enter key of the terminal on standard input. It is looked at when somebody asks, without waiting.
struct EnterKey: Sendable {
  /// Nil when standard input is no terminal.
  init?() {
    guard isatty(STDIN_FILENO) == 1 else { return nil }
  }

  /// Whether a line was entered since the last look. A program in the background does not read the terminal:
  /// the kernel would stop it.
  func wasPressed() -> Bool {
    guard tcgetpgrp(STDIN_FILENO) == getpgrp() else { return false }
    var wanted = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard poll(&wanted, 1, 0) == 1, wanted.revents & Int16(POLLIN) != 0 else { return false }
    var line = [UInt8](repeating: 0, count: 4_096)
    return read(STDIN_FILENO, &line, line.count) > 0
  }
}
