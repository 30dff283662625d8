import Glibc
package import Ground
package import NIOCore

/// Writes datagrams and trains of them (GSO) to a socket.
///
/// Most errors of a write are not fatal for UDP. EPERM (a firewall) and ENETUNREACH (a route that changes)
/// are treated as loss. EIO means that the device takes no trains; then single datagrams are sent. These
/// errors are counted and reported, and none of them ends the session.
package final class DatagramWriter {
  /// The writes that this host refused.
  package struct Refusals: Sendable, Equatable {
    package var count: UInt64 = 0
    /// The error of the last refusal; 0 when there was none.
    package var errno: Int32 = 0
  }

  private struct Waiting {
    var bytes: ByteBuffer
    var segmentByteCount: Int
    var address: SocketAddress
    var isMarked: Bool
  }

  /// How long to wait after the socket's buffer was full. At any rate that fills the buffer, a tenth of a
  /// millisecond empties a part of it.
  package static let retryNanoseconds: Nanoseconds = .microseconds(100)
  private static let waitingLimit = 1_024
  private static let attemptCount = 8
  private let socket: UDPSocket
  /// Whether trains are sent as trains; false after the kernel has refused one.
  package private(set) var sendsTrains = true
  package private(set) var refusals = Refusals()
  /// Bytes for which the socket had no room, in order.
  private var waiting: [Waiting] = []
  /// What is written now leaves marked "congestion experienced".
  private var isMarking = false

  package init(_ socket: UDPSocket) { self.socket = socket }

  /// Something waits for room: write nothing more before `resume`.
  package var isFull: Bool { !waiting.isEmpty }

  /// Writes one datagram, or a train of datagrams of `segmentByteCount` bytes (more than 0); the last may be
  /// shorter. `isMarked`: it leaves marked "congestion experienced" (RFC 3168), as an induced impairment
  /// wants.
  package func write(
    _ bytes: ByteBuffer, segmentByteCount: Int, to address: SocketAddress, isMarked: Bool = false
  ) {
    isMarking = isMarked
    guard waiting.isEmpty else { return wait(bytes, segmentByteCount, address) }
    if let carrier = socket.carrier {
      return bytes.withUnsafeReadableBytes { carrier($0, segmentByteCount, address) }
    }
    let sent = send(bytes, segmentByteCount, address)
    guard sent < bytes.readableBytes else { return }
    var rest = bytes
    rest.moveReaderIndex(forwardBy: sent)
    wait(rest, segmentByteCount, address)
  }

  /// Writes the waiting bytes again.
  package func resume() {
    guard isFull else { return }
    let all = waiting
    waiting.removeAll(keepingCapacity: true)
    for one in all {
      write(
        one.bytes, segmentByteCount: one.segmentByteCount, to: one.address, isMarked: one.isMarked)
    }
  }

  private func wait(_ bytes: ByteBuffer, _ segmentByteCount: Int, _ address: SocketAddress) {
    guard waiting.count < Self.waitingLimit else {
      return refuse(ENOBUFS, datagramCount: Self.datagramCount(bytes.readableBytes, segmentByteCount))
    }
    waiting.append(
      Waiting(
        bytes: bytes, segmentByteCount: segmentByteCount, address: address, isMarked: isMarking))
  }

  private static func datagramCount(_ byteCount: Int, _ segmentByteCount: Int) -> Int {
    (byteCount + segmentByteCount - 1) / segmentByteCount
  }

  private func refuse(_ code: Int32, datagramCount: Int) {
    refusals.count += UInt64(datagramCount)
    refusals.errno = code
  }

  /// Returns the number of bytes that were sent or refused; it is smaller than the length when the socket is
  /// full.
  private func send(_ bytes: ByteBuffer, _ segment: Int, _ address: SocketAddress) -> Int {
    address.withSockAddr { name, nameByteCount in
      bytes.withUnsafeReadableBytes { raw in
        send(raw, segment, UnsafeMutablePointer(mutating: name), socklen_t(nameByteCount))
      }
    }
  }

  private func send(
    _ raw: UnsafeRawBufferPointer, _ segment: Int, _ name: UnsafeMutablePointer<sockaddr>,
    _ nameByteCount: socklen_t
  ) -> Int {
    if sendsTrains, raw.count > segment {
      switch system(raw, segment, nil, name, nameByteCount) {
      case 0: return raw.count
      case EAGAIN: return 0
      // EIO: the device computes no checksums for segments. EINVAL: the kernel does not accept such a train.
      case EIO, EINVAL: sendsTrains = false
      case let code:
        refuse(code, datagramCount: Self.datagramCount(raw.count, segment))
        return raw.count
      }
    }
    var start = 0
    while start < raw.count {
      let datagram = UnsafeRawBufferPointer(rebasing: raw[start..<min(start + segment, raw.count)])
      let code = single(datagram, name, nameByteCount)
      if code == EAGAIN { return start }
      if code != 0 { refuse(code, datagramCount: 1) }
      start += datagram.count
    }
    return raw.count
  }

  /// Sends one datagram from the address to which the peer wrote, where the kernel tells it. Returns 0 or
  /// errno.
  private func single(
    _ datagram: UnsafeRawBufferPointer, _ name: UnsafeMutablePointer<sockaddr>, _ nameByteCount: socklen_t
  ) -> Int32 {
    guard !socket.replies.isEmpty else { return system(datagram, nil, nil, name, nameByteCount) }
    let peer = UnsafeRawBufferPointer(start: name, count: Int(nameByteCount))
    let local = socket.replies.local(for: peer)
    let code = system(datagram, nil, local, name, nameByteCount)
    // The local address is no address of this host: it was that of a group (EINVAL) or of a broadcast
    // (ENETUNREACH), or it has been removed.
    guard code == EINVAL || code == ENETUNREACH, local != nil else { return code }
    socket.replies.forget(peer)
    return system(datagram, nil, nil, name, nameByteCount)
  }

  /// `sendmsg`; 0 or errno.
  private func system(
    _ raw: UnsafeRawBufferPointer, _ segment: Int?, _ source: [UInt8]?,
    _ name: UnsafeMutablePointer<sockaddr>,
    _ nameByteCount: socklen_t
  ) -> Int32 {
    var vector = iovec(iov_base: UnsafeMutableRawPointer(mutating: raw.baseAddress), iov_len: raw.count)
    return withUnsafeMutablePointer(to: &vector) { vector in
      var message = msghdr()
      message.msg_name = UnsafeMutableRawPointer(name)
      message.msg_namelen = nameByteCount
      message.msg_iov = vector
      message.msg_iovlen = 1
      guard segment != nil || source != nil || isMarking else { return transmit(&message) }
      return withUnsafeTemporaryAllocation(byteCount: ControlMessages.byteCount, alignment: 8) { control in
        var messages = ControlMessages(control)
        if let segment { messages.add(segmentByteCount: segment) }
        if let source { messages.add(source: source) }
        if isMarking {
          messages.add(congestionField: 3, isIPv6: Int32(name.pointee.sa_family) == AF_INET6)
        }
        message.msg_control = control.baseAddress
        message.msg_controllen = messages.used
        return transmit(&message)
      }
    }
  }

  private func transmit(_ message: inout msghdr) -> Int32 {
    for _ in 0..<Self.attemptCount {
      if sendmsg(socket.descriptor, &message, Int32(MSG_DONTWAIT)) >= 0 { return 0 }
      // Either a signal interrupted the call, or no socket took an earlier datagram. A narrowed socket
      // reports the latter once, in place of sending.
      if errno != EINTR, errno != ECONNREFUSED { break }
    }
    return errno == EWOULDBLOCK ? EAGAIN : errno
  }
}

/// The control messages of a datagram or train: `struct cmsghdr` (length, level, type), then its data, padded
/// to 8 bytes; cmsg(3).
struct ControlMessages {
  /// Room for one of each.
  static let byteCount = 96
  private static let headerByteCount = 16
  /// `SOL_UDP` and `UDP_SEGMENT` (linux/udp.h); `IP_PKTINFO`, `IP_TOS` (ip(7)); `IPV6_PKTINFO`, `IPV6_TCLASS`
  /// (ipv6(7)).
  private static let segment: (level: Int32, type: Int32) = (17, 103)
  private static let packetInfo: (level: Int32, type: Int32) = (0, 8)
  private static let packetInfo6: (level: Int32, type: Int32) = (41, 50)
  private static let service: (level: Int32, type: Int32) = (0, 1)
  private static let service6: (level: Int32, type: Int32) = (41, 67)

  private let memory: UnsafeMutableRawBufferPointer
  private(set) var used = 0

  init(_ memory: UnsafeMutableRawBufferPointer) {
    self.memory = memory
    memory.initializeMemory(as: UInt8.self, repeating: 0)
  }

  mutating func add(segmentByteCount: Int) {
    let start = begin(Self.segment, dataByteCount: 2)
    memory.storeBytes(of: UInt16(clamping: segmentByteCount), toByteOffset: start, as: UInt16.self)
  }

  /// An address of this host, 4 or 16 bytes. In `struct in_pktinfo` it is behind the interface's number, in
  /// `in6_pktinfo` before it.
  mutating func add(source: [UInt8]) {
    let start =
      source.count == 4
      ? begin(Self.packetInfo, dataByteCount: 12) + 4 : begin(Self.packetInfo6, dataByteCount: 20)
    UnsafeMutableRawBufferPointer(rebasing: memory[start...]).copyBytes(from: source.prefix(16))
  }

  /// The ECN field, 0...3.
  mutating func add(congestionField: UInt8, isIPv6: Bool) {
    let start = begin(isIPv6 ? Self.service6 : Self.service, dataByteCount: 4)
    memory.storeBytes(of: Int32(congestionField), toByteOffset: start, as: Int32.self)
  }

  /// Where the data go.
  private mutating func begin(_ kind: (level: Int32, type: Int32), dataByteCount: Int) -> Int {
    let start = used
    memory.storeBytes(of: Self.headerByteCount + dataByteCount, toByteOffset: start, as: Int.self)
    memory.storeBytes(of: kind.level, toByteOffset: start + 8, as: Int32.self)
    memory.storeBytes(of: kind.type, toByteOffset: start + 12, as: Int32.self)
    used = start + Self.headerByteCount + (dataByteCount + 7) & ~7
    return start + Self.headerByteCount
  }
}
