import Glibc

/// A program that a window test needs beside it: Xvfb, xdotool.
final class ChildProcess {
  let id: pid_t
  /// The reading end of the pipe that the program's descriptor 1 writes to.
  private let output: Int32

  /// Starts `arguments[0]`, found in PATH; nil if there is none.
  init?(_ arguments: [String]) {
    var ends: [Int32] = [0, 0]
    guard let path = Self.find(arguments[0]), pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    // Nothing else of this process: a child that outlives it must not hold a lock or a pipe of the test's
    // caller.
    for descriptor in 3..<Int32(256) { posix_spawn_file_actions_addclose(&actions, descriptor) }
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    // A test's thread may block every signal, and a child inherits that: it could not be ended.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var cArguments = arguments.map { strdup($0) }
    cArguments.append(nil)
    defer { cArguments.forEach { free($0) } }
    var child = pid_t()
    let status = posix_spawn(&child, path, &actions, &attributes, cArguments, environ)
    close(ends[1])
    guard status == 0 else {
      close(ends[0])
      return nil
    }
    id = child
    output = ends[0]
  }

  deinit { close(output) }

  /// The first line of output, waited for at most `seconds`; nil if there is none.
  func line(seconds: Int32 = 120) -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, seconds * 1000) > 0, read(output, &byte, 1) == 1 else { break }
      if byte == UInt8(ascii: "\n") { break }
      bytes.append(byte)
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  func wait() {
    var status: Int32 = 0
    waitpid(id, &status, 0)
  }

  /// Ends the program: asks for 2 s, then insists.
  func terminate() {
    kill(id, SIGTERM)
    var status: Int32 = 0
    for _ in 0..<200 {
      if waitpid(id, &status, WNOHANG) != 0 { return }
      usleep(10_000)
    }
    kill(id, SIGKILL)
    waitpid(id, &status, 0)
  }

  static func find(_ name: String) -> String? {
    guard let path = getenv("PATH").map({ String(cString: $0) }) else { return nil }
    return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }
}

/// A display of its own for one test.
final class VirtualDisplay {
  private let server: ChildProcess
  private var manager: ChildProcess?
  let name: String

  /// Starts Xvfb on a free display and makes it this process's; nil if it or xdotool is not installed.
  /// `isManaged`: with a window manager, openbox; nil if that is not installed.
  init?(isManaged: Bool = false) {
    guard ChildProcess.find("xdotool") != nil, !isManaged || ChildProcess.find("openbox") != nil,
      let server = ChildProcess([
        "Xvfb", "-noreset", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp",
      ])
    else { return nil }
    guard let number = server.line() else {
      server.terminate()
      return nil
    }
    self.server = server
    name = ":\(number)"
    setenv("DISPLAY", name, 1)
    setenv("SDL_VIDEODRIVER", "x11", 1)
    guard isManaged else { return }
    manager = ChildProcess(["openbox", "--sm-disable"])
    // It manages the display from when it tells how many desktops there are; before, xdotool says 0.
    for _ in 0..<200 {
      if let count = xdotool("get_num_desktops"), count != "0" { break }
      usleep(20_000)
    }
  }

  deinit {
    unsetenv("DISPLAY")
    unsetenv("SDL_VIDEODRIVER")
    manager?.terminate()
    server.terminate()
  }

  /// A digest of all that is on the display; nil without ImageMagick.
  func digest() -> String? {
    guard let process = ChildProcess(["sh", "-c", "import -silent -window root rgb:- | md5sum"]) else {
      return nil
    }
    defer { process.terminate() }
    return process.line()
  }

  /// The window whose name contains `name`, waited for at most two minutes. xdotool ends with an error when a
  /// window goes away while it looks, as a window manager's do, so that one search is not enough.
  func window(named name: String) -> String? {
    for _ in 0..<12_000 {
      // A window that is not shown yet is replaced by another when its renderer is made.
      if let window = xdotool("search", "--onlyvisible", "--name", name) { return window }
      usleep(10_000)
    }
    return nil
  }

  /// Runs xdotool and returns the first line it prints.
  @discardableResult
  func xdotool(_ arguments: String...) -> String? {
    guard let process = ChildProcess(["xdotool"] + arguments) else { return nil }
    defer { process.terminate() }  // one that waits for a window that never comes must not hang the test
    return process.line()
  }
}
