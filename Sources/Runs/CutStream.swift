import Dispatch
import Ground
package import FileSet
import FoundationEssentials
import Glibc
import Naive

/// The naive protocol over TCP with a sender that is killed half-way: its connection closes in the middle of
/// an image. For the receiver this looks like the image's end, so it stores the part as a whole image.
package enum CutStream {
  /// Sends the set's first images whole, cuts the one in the middle off after half of its bytes, and sends no
  /// more. What arrives is in `folder`.
  package static func run(_ set: ScannedSet, into folder: String) throws {
    var configuration = NaiveReceiveConfiguration(
      endpoint: NaiveEndpoint(mode: .tcp, host: Loopback.host, port: 0), into: folder)
    configuration.limits.idleTimeoutNanoseconds = 500_000_000  // no end marker will come
    configuration.limits.waitNanoseconds = 10_000_000_000  // nor an image, where the set cannot be read
    let receiver = try NaiveReceiver(configuration)
    let count = set.manifest.entries.count
    let crew = Loopback.Crew(count: 1) { _ in
      try receiver.run { event in
        guard case .listening(_, let port, _) = event else { return }
        // On a thread of its own: the receiver must accept meanwhile.
        DispatchQueue(label: "gallery.run").async {
          for file in 0...(count / 2) {
            guard let bytes = FileManager.default.contents(atPath: set.path(ofFile: file)) else { continue }
            let isCut = file == count / 2
            send(isCut ? bytes.prefix(bytes.count / 2) : bytes, port: port)
          }
        }
      }
    }
    for outcome in crew.join() { _ = try outcome.get() }
  }

  /// One connection with these bytes, closed in order, as the kernel does for a process that is killed.
  private static func send(_ bytes: Data, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(clamping: port).bigEndian)
    address.sin_addr.s_addr = inet_addr(Loopback.host)
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { return }
    bytes.withUnsafeBytes { raw in
      var start = 0
      while start < raw.count {
        let count = Glibc.send(
          descriptor, raw.baseAddress.map { $0 + start }, raw.count - start, Int32(MSG_NOSIGNAL))
        guard count > 0 else { return }
        start += count
      }
    }
  }
}
