import Foundation

/// The built program as a child process, its output in files, so that no pipe can fill up.
final class Program {
  /// `gallery` next to the bundle that these tests are in: the file that is mapped where this code's handle
  /// lies (dladdr(3) is not to be had from Swift).
  static let path: String = {
    let handle = UInt(bitPattern: #dsohandle)
    let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
    for line in maps.split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 5)
      let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard fields.count == 6, ends.count == 2, (ends[0]..<ends[1]).contains(handle) else { continue }
      let bundle = fields[5].drop { $0 == " " }
      return URL(fileURLWithPath: String(bundle)).deletingLastPathComponent().path + "/gallery"
    }
    return "gallery"
  }()

  private let folder: String
  private let id: pid_t
  private var status: Int32?

  /// Starts it; `folder` takes its output, and is where it runs. `prefix` is a program that runs it.
  init(_ arguments: [String], in scratch: Scratch, prefix: [String] = []) {
    folder = scratch.path("output-\(UUID().uuidString)")
    mkdir(folder, 0o755)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "\(folder)/out", O_WRONLY | O_CREAT, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, "\(folder)/err", O_WRONLY | O_CREAT, 0o644)
    // Nothing else of this process: no lock, no pipe of the test's caller.
    for descriptor in 3..<Int32(256) { posix_spawn_file_actions_addclose(&actions, descriptor) }
    // A test's thread may block signals, and a child inherits that: Ctrl-C would not reach it.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var words = (prefix + [Self.path] + arguments).map { strdup($0) }
    words.append(nil)
    defer { words.forEach { free($0) } }
    // What receivers remember of their folders goes with the test.
    var environment = ProcessInfo.processInfo.environment
    environment["XDG_CACHE_HOME"] = scratch.path("cache")
    var variables = environment.map { strdup("\($0)=\($1)") }
    variables.append(nil)
    defer { variables.forEach { free($0) } }
    var child = pid_t()
    let file = prefix.first ?? Self.path
    id = posix_spawnp(&child, file, &actions, &attributes, words, variables) == 0 ? child : -1
  }

  deinit { if status == nil { end() } }

  var output: String { text("out") }
  var errors: String { text("err") }
  /// Standard error's lines that are errors: `gallery: …` and those of wrong usage.
  var errorLines: [String] {
    errors.split(separator: "\n").map(String.init).filter {
      $0.hasPrefix("gallery: ") || $0.hasPrefix("Error: ")
    }
  }
  /// The `--json` summary.
  var json: [String: Any] {
    (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any] ?? [:]
  }

  private func text(_ name: String) -> String {
    (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
  }

  func signal(_ number: Int32) { if id > 0, status == nil { kill(id, number) } }

  /// The exit code, 128 + n for a signal n; nil when it does not end in time (it is killed then). The limit
  /// is far above what a busy machine needs. No thread is held while it waits: other tests run meanwhile.
  func wait(seconds: Double = 180) async -> Int32? {
    if let status { return status }
    guard id > 0 else { return nil }
    let end = Date().addingTimeInterval(seconds)
    var raw: Int32 = 0
    while waitpid(id, &raw, WNOHANG) == 0 {
      guard Date() < end else {
        self.end()
        return nil
      }
      try? await Task.sleep(for: .milliseconds(5))
    }
    let code = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
    status = code
    return code
  }

  private func end() {
    guard id > 0 else { return }
    kill(id, SIGKILL)
    var raw: Int32 = 0
    waitpid(id, &raw, 0)
    status = 128 + SIGKILL
  }

  /// Waits until something holds; false when it does not in time, or the program has ended by then without
  /// it.
  func wait(seconds: Double = 180, until holds: () -> Bool) async -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
      if holds() { return true }
      try? await Task.sleep(for: .milliseconds(5))
    }
    return holds()
  }
}

/// A UDP port that nothing is bound to: the kernel's choice.
func freePort() -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  return withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
      guard bind(descriptor, raw, length) == 0, getsockname(descriptor, raw, &length) == 0 else { return 0 }
      return Int(UInt16(bigEndian: pointer.pointee.sin_port))
    }
  }
}

/// A receiver of one test and its sender, on loopback.
final class Rig {
  let scratch = Scratch()
  let port = freePort()
  private(set) var receiver: Program?

  /// Starts `gallery receive` and waits until it listens.
  @discardableResult
  func receive(_ arguments: String..., into inbox: String = "inbox") async -> Program {
    await receive(arguments, into: inbox)
  }

  @discardableResult
  func receive(_ arguments: [String], into inbox: String = "inbox") async -> Program {
    let ready = scratch.path("ready-\(UUID().uuidString)")
    let program = Program(
      [
        "receive", "--bind", "127.0.0.1", "--port", "\(port)", "--into", scratch.path(inbox), "--ready-file",
        ready,
      ] + arguments, in: scratch)
    receiver = program
    _ = await program.wait { access(ready, F_OK) == 0 }
    return program
  }

  func send(_ folder: String, _ arguments: String...) -> Program { send(folder, arguments) }

  func send(_ folder: String, _ arguments: [String]) -> Program {
    Program(["send", scratch.path(folder), "--to", "127.0.0.1:\(port)"] + arguments, in: scratch)
  }

  /// A set that takes some seconds at `--rate 5Mbit`: 4 MB.
  func makeSlowSet() {
    scratch.folder("set")
    scratch.file("set/a.jpg", byteCount: 1_000_000)
    scratch.file("set/b.jpg", byteCount: 3_000_000, seed: 2)
  }

  /// Waits until some of a file's bytes are stored, and the inbox is as asked.
  func waitForData(where holds: ([String]) -> Bool = { _ in true }) async -> Bool {
    await receiver?.wait {
      let names = scratch.names(in: "inbox")
      return names.contains { $0.hasSuffix(".part") } && holds(names)
    } ?? false
  }

  /// What a user sees in the inbox, and what is left of the work folder.
  var inbox: [String] { scratch.names(in: "inbox") }
}
