import Glibc
package import NIOCore
import Network

/// The ECN field of the IP header, RFC 3168: the lowest two bits of IPv4's type of service and of IPv6's
/// traffic class.
extension UDPSocket {
  /// `IP_TOS`, `IP_RECVTOS`: ip(7); `IPV6_TCLASS`, `IPV6_RECVTCLASS`: ipv6(7).
  private static let service: (v4: Int32, v6: Int32) = (1, 67)
  private static let receiveService: (v4: Int32, v6: Int32) = (13, 66)
  /// The field of a datagram that a router may mark: ECT(0).
  private static let capable: Int32 = 2

  /// Asks the kernel to tell the ECN field of each datagram. An IPv6 socket also hears IPv4, and is told each
  /// field by its own option. `tellsMarks` says whether the kernel granted it.
  package func tellMarks() {
    guard let address = localAddress else { return }
    do {
      try options.set(level: Int32(IPPROTO_IP), name: Self.receiveService.v4, Int32(1))
      if address.isIPv6 {
        try options.set(level: Int32(IPPROTO_IPV6), name: Self.receiveService.v6, Int32(1))
      }
      tellsMarks = true
    } catch { tellsMarks = false }
  }

  /// Whether the datagrams that this socket sends may be marked. Where the kernel refuses this they are not.
  package func allowMarks(_ areAllowed: Bool) {
    guard let address = localAddress else { return }
    let value: Int32 = areAllowed ? Self.capable : 0
    try? options.set(level: Int32(IPPROTO_IP), name: Self.service.v4, value)
    if address.isIPv6 { try? options.set(level: Int32(IPPROTO_IPV6), name: Self.service.v6, value) }
  }

  /// The next datagram that waits, in `buffer`, with its sender and, after `tellMarks`, its ECN field; nil
  /// when none does.
  package func receive(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (byteCount: Int, sender: SocketAddress, congestionField: UInt8)? {
    var name = sockaddr_storage()
    var vector = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
    return withUnsafeTemporaryAllocation(byteCount: ReceivedControl.byteCount, alignment: 8) { control in
      withUnsafeMutableBytes(of: &name) { name in
        withUnsafeMutablePointer(to: &vector) { vector in
          var message = msghdr()
          message.msg_iov = vector
          message.msg_iovlen = 1
          message.msg_name = name.baseAddress
          message.msg_control = control.baseAddress
          var count = -1
          repeat {
            message.msg_namelen = socklen_t(name.count)
            message.msg_controllen = control.count
            count = recvmsg(descriptor, &message, Int32(MSG_DONTWAIT))
          } while count < 0 && errno == EINTR
          let kernelForm = UnsafeRawBufferPointer(
            rebasing: name[..<min(Int(message.msg_namelen), name.count)])
          guard count >= 0, let sender = SocketAddress(kernelForm: kernelForm) else { return nil }
          let told = ReceivedControl(
            UnsafeRawBufferPointer(control), from: 0, byteCount: min(message.msg_controllen, control.count))
          return (count, sender, told.congestionField)
        }
      }
    }
  }

  /// Sends a datagram with this ECN field. Whether the kernel took it.
  package func send(_ bytes: [UInt8], to address: SocketAddress, congestionField: UInt8) -> Bool {
    address.withSockAddr { name, nameByteCount in
      bytes.withUnsafeBytes { bytes in
        var vector = iovec(
          iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
        return withUnsafeMutablePointer(to: &vector) { vector in
          var message = msghdr()
          message.msg_iov = vector
          message.msg_iovlen = 1
          message.msg_name = UnsafeMutableRawPointer(mutating: name)
          message.msg_namelen = socklen_t(nameByteCount)
          return withUnsafeTemporaryAllocation(byteCount: ControlMessages.byteCount, alignment: 8) {
            control in
            var messages = ControlMessages(control)
            messages.add(congestionField: congestionField, isIPv6: address.isIPv6)
            message.msg_control = control.baseAddress
            message.msg_controllen = messages.used
            var count = -1
            repeat {
              count = sendmsg(descriptor, &message, Int32(MSG_DONTWAIT))
            } while count < 0 && errno == EINTR
            return count == bytes.count
          }
        }
      }
    }
  }
}
