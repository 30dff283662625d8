import FoundationEssentials
import Glibc
import Ground

/// Ports of programs that know nothing of this one.
enum LoopbackPort {
  /// Below the ports that Linux gives to sockets that ask for any, so that no other program gets one of these
  /// before the program under test binds it. Gallery's own port is not among them.
  private static let range = 26_000..<32_000

  /// A port that is free now. Each run has another `number`. Checks that run side by side have other
  /// process ids.
  static func free(_ number: Int, _ mode: TransferMode) throws(CheckError) -> Int {
    let start = Int(getpid()) * 37 + number
    for step in 0..<range.count {
      let port = range.lowerBound + (start + step) % range.count
      if canBind(port, mode) { return port }
    }
    throw .noPort(errno: EADDRINUSE)
  }

  private static func canBind(_ port: Int, _ mode: TransferMode) -> Bool {
    let kind = mode == .tcp ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue
    let descriptor = socket(AF_INET, Int32(kind | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return RelayStream.named(port) { bind(descriptor, $0, $1) } == 0
  }

  /// The state of a listening socket, in the tables of the kernel (proc_pid_net(5)).
  private static let listening = "0A"

  /// A port as these tables have it: `:61A8`.
  static func tableText(_ port: Int) -> String {
    let digits = String(port, radix: 16, uppercase: true)
    return ":" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Whether a socket of this network namespace is bound to the port, and over TCP listens there.
  static func isBound(_ port: Int, _ mode: TransferMode) -> Bool {
    let wanted = tableText(port)
    let name = mode == .tcp ? "tcp" : "udp"
    return ["/proc/self/net/\(name)", "/proc/self/net/\(name)6"].contains { path in
      let table = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
      return table.split(separator: "\n").contains { line in
        let words = line.split(separator: " ")
        return words.count > 3 && words[1].hasSuffix(wanted) && (mode != .tcp || words[3] == listening)
      }
    }
  }
}
