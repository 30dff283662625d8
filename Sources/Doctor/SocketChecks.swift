import Glibc
import Ground
import NIOCore

/// Resources that the kernel gives to sockets: buffers, offloads, the port.
enum SocketChecks {
  /// The buffer sizes that gallery's UDP sockets and the naive receiver's socket request.
  static let chunkedBufferByteCount = 8 << 20
  static let naiveBufferByteCount = 4 << 20

  static func buffers(_ request: DoctorRequest) -> [Finding] {
    let wanted = request.protocolName == .naive ? naiveBufferByteCount : chunkedBufferByteCount
    var findings = [buffer(SO_RCVBUF, "receive buffer", "net.core.rmem_max", wanted)]
    if request.protocolName == .chunked {
      findings.append(buffer(SO_SNDBUF, "send buffer", "net.core.wmem_max", wanted))
    }
    return findings
  }

  private static func buffer(_ option: Int32, _ subject: String, _ setting: String, _ wanted: Int) -> Finding
  {
    guard let granted = granted(option, byteCount: wanted) else {
      return .broken(subject, "no UDP socket can be opened", mend: "ulimit -n   # too many open files?")
    }
    let text = "\(granted >> 10) KiB granted of \(wanted >> 10) KiB"
    guard granted < wanted else { return .fine(subject, text) }
    // A sender waits while its own buffer is full: nothing is lost there.
    guard option == SO_RCVBUF else { return .fine(subject, text + "; a sender waits when it is full") }
    return .doubtful(
      subject, text + ". The kernel drops datagrams when this buffer is full.",
      mend: "sudo sysctl -w \(setting)=\(wanted)")
  }

  /// The size that Linux grants. Linux reports twice this size: socket(7).
  private static func granted(_ option: Int32, byteCount: Int) -> Int? {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var value = Int32(byteCount)
    var length = socklen_t(MemoryLayout<Int32>.size)
    _ = setsockopt(descriptor, SOL_SOCKET, option, &value, length)
    guard getsockopt(descriptor, SOL_SOCKET, option, &value, &length) == 0 else { return nil }
    return Int(value) / 2
  }

  static func offloads() -> [Finding] {
    [
      offload("GSO", System.supportsUDPSegmentationOffload, "send", "4.18"),
      offload("GRO", System.supportsUDPReceiveOffload, "receive", "5.0"),
    ]
  }

  private static func offload(_ name: String, _ isSupported: Bool, _ verb: String, _ kernel: String)
    -> Finding
  {
    isSupported
      ? .fine(name, "many datagrams for one system call (UDP \(name))")
      : .doubtful(
        name, "no UDP \(name): gallery will \(verb) datagram by datagram, at a fraction of the rate",
        mend: "uname -r   # Linux \(kernel) or later has it; sandboxes such as gVisor do not")
  }

  /// Whether a receiver could bind the port now. Receivers of a group share it.
  static func port(_ request: DoctorRequest) -> Finding {
    let isTCP = request.mode == .tcp
    let word = "\(isTCP ? "TCP" : "UDP") port \(request.port)"
    let descriptor = socket(AF_INET, Int32((isTCP ? SOCK_STREAM : SOCK_DGRAM).rawValue) | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return .broken("port", String(cString: strerror(errno)), mend: "ulimit -n") }
    defer { close(descriptor) }
    if isTCP || request.mode.isGroup {
      var on: Int32 = 1
      _ = setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    }
    guard let address = try? SocketAddress(ipAddress: "0.0.0.0", port: request.port) else {
      return .broken("port", "\(word) is none", mend: "choose 1 to 65535: --port")
    }
    let bound = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
    let code = bound == 0 && isTCP ? (listen(descriptor, 1) == 0 ? 0 : errno) : bound == 0 ? 0 : errno
    switch code {
    case 0: return .fine("port", "\(word) is free")
    case EADDRINUSE:
      return .broken(
        "port", "\(word) is in use: a receiver cannot have it (unless this is gallery's own, running)",
        mend:
          "sudo ss -\(isTCP ? "t" : "u")lnp 'sport = :\(request.port)'   # who has it; or choose another: --port"
      )
    case EACCES:
      return .broken(
        "port", "\(word) is for root", mend: "choose one above 1023: --port 25000")
    default:
      return .broken("port", "\(word): \(String(cString: strerror(code)))", mend: "choose another: --port")
    }
  }

  /// Datagrams above the MTU wait in the kernel until all their fragments are there: Specs/naive.md §6.6.
  static func reassembly(_ files: HostFiles) -> Finding? {
    let wanted = 4 << 20
    guard let limit = files.number("/proc/sys/net/ipv4/ipfrag_high_thresh") else { return nil }
    let used = files.text("/proc/net/sockstat").flatMap(fragmentMemory) ?? 0
    if used > limit * 3 / 4 {
      return .doubtful(
        "reassembly",
        "\(used >> 10) KiB of \(limit >> 10) KiB are taken by datagrams that never became whole: new ones will be dropped",
        mend: "sleep 30   # net.ipv4.ipfrag_time; then run again")
    }
    guard limit >= wanted else {
      return .doubtful(
        "reassembly", "\(limit >> 10) KiB for fragments of images: too few, and whole images are dropped",
        mend: "sudo sysctl -w net.ipv4.ipfrag_high_thresh=\(wanted)")
    }
    return .fine("reassembly", "\(limit >> 10) KiB for fragments of images")
  }

  /// `FRAG: inuse 2 memory 1234`, bytes.
  static func fragmentMemory(_ sockstat: String) -> Int? {
    guard let line = sockstat.split(separator: "\n").first(where: { $0.hasPrefix("FRAG:") }) else {
      return nil
    }
    return line.split(separator: " ").last.flatMap { Int($0) }
  }
}
