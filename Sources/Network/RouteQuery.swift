internal import Glibc
internal import NIOCore

/// Asks the kernel's routing table by rtnetlink(7). The source address of a route does not tell the
/// interface, because one interface may send from the address of another one.
enum RouteQuery {
  private static let headerByteCount = 16  // struct nlmsghdr
  private static let routeByteCount = 12  // struct rtmsg
  private static let attributeByteCount = 4  // struct rtattr
  /// `RTM_NEWROUTE`, `RTM_GETROUTE`, `NLM_F_REQUEST`, `RTA_DST`, `RTA_OIF`: linux/rtnetlink.h,
  /// linux/netlink.h.
  private static let answerType: UInt16 = 24
  private static let requestType: UInt16 = 26
  private static let requestFlag: UInt16 = 1
  private static let destinationAttribute: UInt16 = 1
  private static let interfaceAttribute: UInt16 = 4

  /// The index of the interface by which a packet to this address would leave; nil without a route.
  static func interfaceIndex(to address: SocketAddress) -> Int? {
    if address.scopeIndex > 0 { return address.scopeIndex }
    let descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | O_CLOEXEC, 0)  // NETLINK_ROUTE
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let request = request(address)
    guard send(descriptor, request, request.count, 0) == request.count else { return nil }
    var answer = [UInt8](repeating: 0, count: 4_096)
    // The kernel answers within send.
    let count = recv(descriptor, &answer, answer.count, Int32(MSG_DONTWAIT))
    return count > 0
      ? answer.withUnsafeBytes { index(in: UnsafeRawBufferPointer(rebasing: $0[..<count])) } : nil
  }

  private static func request(_ address: SocketAddress) -> [UInt8] {
    let destination = address.addressBytes
    let byteCount = headerByteCount + routeByteCount + attributeByteCount + destination.count
    var bytes: [UInt8] = []
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }
    append(UInt32(byteCount))
    append(requestType)
    append(requestFlag)
    append(UInt32(0))  // sequence
    append(UInt32(0))  // the kernel
    append(UInt8(address.isIPv6 ? AF_INET6 : AF_INET))
    append(UInt8(destination.count * 8))
    bytes += [UInt8](repeating: 0, count: 10)
    append(UInt16(attributeByteCount + destination.count))
    append(destinationAttribute)
    return bytes + destination
  }

  /// The lengths in the answer come from the kernel. They are checked all the same.
  private static func index(in answer: UnsafeRawBufferPointer) -> Int? {
    guard answer.count >= headerByteCount + routeByteCount,
      answer.loadUnaligned(fromByteOffset: 4, as: UInt16.self) == answerType
    else { return nil }
    var start = headerByteCount + routeByteCount
    while start + attributeByteCount <= answer.count {
      let byteCount = Int(answer.loadUnaligned(fromByteOffset: start, as: UInt16.self))
      let type = answer.loadUnaligned(fromByteOffset: start + 2, as: UInt16.self)
      guard byteCount >= attributeByteCount, start + byteCount <= answer.count else { return nil }
      if type == interfaceAttribute, byteCount >= attributeByteCount + 4 {
        return Int(answer.loadUnaligned(fromByteOffset: start + attributeByteCount, as: UInt32.self))
      }
      start += (byteCount + 3) & ~3
    }
    return nil
  }
}
