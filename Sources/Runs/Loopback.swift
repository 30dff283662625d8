import Dispatch
import Glibc
import Synchronization

/// Addresses, ports, times and threads for runs over loopback, with any protocol.
enum Loopback {
  static let host = "127.0.0.1"
  /// From the block for local use (RFC 2365), so that no router carries it on.
  static let group = "239.255.77.1"
  static let broadcast = "127.255.255.255"
  static let interface = "lo"

  static func nanoseconds() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

  static func seconds(since start: UInt64) -> Double {
    let now = nanoseconds()
    return now > start ? Double(now - start) / 1e9 : 0
  }

  /// A UDP port that is free now. Another program may take it before we do; then the run says so.
  static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | O_CLOEXEC, 0)
    guard descriptor >= 0 else { throw RunError.noPort(errno: errno) }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
      }
    }
    guard result == 0 else { throw RunError.noPort(errno: errno) }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  /// Runs one piece of work on a thread of its own for each receiver, and tells its outcome when asked.
  final class Crew<Outcome: Sendable>: Sendable {
    private let outcomes: Mutex<[Result<Outcome, any Error>?]>
    private let all = DispatchGroup()

    init(count: Int, _ work: @escaping @Sendable (Int) throws -> Outcome) {
      outcomes = Mutex([Result<Outcome, any Error>?](repeating: nil, count: count))
      for index in 0..<count {
        all.enter()
        // A queue for each, not a shared one: the work blocks, and there may be more receivers than cores.
        DispatchQueue(label: "gallery.run").async { [self] in
          let outcome = Result { try work(index) }
          outcomes.withLock { $0[index] = outcome }
          all.leave()
        }
      }
    }

    /// Blocks until all are done.
    func join() -> [Result<Outcome, any Error>] {
      all.wait()
      return outcomes.withLock { $0.compactMap(\.self) }
    }
  }
}
