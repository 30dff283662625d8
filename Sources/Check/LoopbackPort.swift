import Foundation

/// Ports of programs that know nothing of this one.
enum LoopbackPort {
  /// A UDP port that is free now.
  static func free() throws(CheckError) -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .noPort(errno: errno) }
    defer { close(descriptor) }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var byteCount = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        bind(descriptor, name, byteCount) == 0 ? getsockname(descriptor, name, &byteCount) : -1
      }
    }
    guard code == 0 else { throw .noPort(errno: errno) }
    return Int(UInt16(bigEndian: name.sin_port))
  }

  /// Whether a socket of this network namespace is bound to the UDP port.
  static func isBound(_ port: Int) -> Bool {
    let digits = String(port, radix: 16, uppercase: true)
    let wanted = ":" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return ["/proc/self/net/udp", "/proc/self/net/udp6"].contains { path in
      let table = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
      return table.split(separator: "\n").contains { line in
        let words = line.split(separator: " ")
        return words.count > 1 && words[1].hasSuffix(wanted)
      }
    }
  }
}
