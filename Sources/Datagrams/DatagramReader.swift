import CLinux
import Glibc
package import NIOCore
import Network

/// What the kernel gave at once: a datagram, or with receive offload a train of them. Its bytes and its sender lie in the
/// reader's memory and hold until it reads again.
@usableFromInline package struct Arrival {
  /// Datagrams of `segmentByteCount` bytes (at least 1), of which the last may be shorter; empty for an empty datagram.
  @usableFromInline package let bytes: UnsafeRawBufferPointer
  @usableFromInline package let segmentByteCount: Int
  /// The address of this host that it was sent to, 4 or 16 bytes, of an IPv4 broadcast the interface's own; nil where the
  /// socket was not asked to tell.
  package let destination: UnsafeRawBufferPointer?
  /// The sender's address in the kernel's form.
  let name: UnsafeRawBufferPointer

  /// Whose it is. Made only where it is wanted: few datagrams of a session are more than a chunk.
  package var sender: SocketAddress? { SocketAddress(kernelForm: name) }

  /// Its sender in the kernel's form, to be compared with that of another datagram.
  package var nameBytes: [UInt8] { Array(name) }

  /// Whether the sender's address in the kernel's form is this one.
  package func isNamed(_ kernelForm: [UInt8]) -> Bool {
    !kernelForm.isEmpty && name.elementsEqual(kernelForm)
  }

  @inlinable package func eachDatagram(_ body: (UnsafeRawBufferPointer) -> Void) {
    bytes.eachSegment(segmentByteCount, body)
  }
}

extension UnsafeRawBufferPointer {
  /// The datagrams of a train, of `byteCount` bytes (at least 1) each but the last. An empty one is none.
  @inlinable package func eachSegment(_ byteCount: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    var start = 0
    while start < count {
      body(UnsafeRawBufferPointer(rebasing: self[start..<Swift.min(start + byteCount, count)]))
      start += byteCount
    }
  }
}

/// Takes what has arrived from a socket, several datagrams or trains of them by one recvmmsg(2).
final class DatagramReader {
  /// Datagrams of 1,500 bytes are worth gathering for one write to a file; trains fill one by themselves, and should still
  /// be in the cache then.
  private static let messageCounts = (datagrams: 64, trains: 4)
  private static let messageByteCount = 65_536
  private static let controlByteCount = 64
  private static let nameByteCount = MemoryLayout<sockaddr_storage>.size
  private static let controlHeaderByteCount = 16
  /// Level and type of control messages: `SOL_UDP`, `UDP_GRO` (linux/udp.h); `IP_PKTINFO` (ip(7)), `IPV6_PKTINFO` (ipv6(7)).
  private struct ControlKind: Equatable {
    var level: Int32, type: Int32
    static let offload = ControlKind(level: 17, type: 104)
    static let packetInfo = ControlKind(level: 0, type: 8)
    static let packetInfo6 = ControlKind(level: 41, type: 50)
  }

  private let bytes: UnsafeMutableRawBufferPointer
  private let names: UnsafeMutableRawBufferPointer
  private let controls: UnsafeMutableRawBufferPointer
  private let vectors: UnsafeMutableBufferPointer<iovec>
  private let messages: UnsafeMutableBufferPointer<gallery_received_message>
  private var wantedCount = messageCounts.datagrams
  /// Messages read last.
  private(set) var count = 0
  /// Whether more may wait: as many came as were asked for.
  private(set) var mayHoldMore = false

  init() {
    let most = Self.messageCounts.datagrams
    bytes = .allocate(byteCount: most * Self.messageByteCount, alignment: 4_096)
    names = .allocate(byteCount: most * Self.nameByteCount, alignment: 16)
    controls = .allocate(byteCount: most * Self.controlByteCount, alignment: 16)
    vectors = .allocate(capacity: most)
    messages = .allocate(capacity: most)
    for i in 0..<most {
      vectors.initializeElement(
        at: i,
        to: iovec(
          iov_base: bytes.baseAddress.map { $0 + i * Self.messageByteCount }, iov_len: Self.messageByteCount))
      messages.initializeElement(at: i, to: gallery_received_message())
      messages[i].header.parts = vectors.baseAddress.map { UnsafeMutableRawPointer($0 + i) }
      messages[i].header.part_count = 1
      messages[i].header.name = names.baseAddress.map { $0 + i * Self.nameByteCount }
      messages[i].header.control = controls.baseAddress.map { $0 + i * Self.controlByteCount }
      reset(i)
    }
  }

  deinit {
    bytes.deallocate()
    names.deallocate()
    controls.deallocate()
    vectors.deallocate()
    messages.deallocate()
  }

  /// Reads what is there without waiting. False when nothing is. A socket's error, of a datagram sent before, is nothing
  /// too: what was lost is asked for again.
  func read(_ descriptor: Int32) -> Bool {
    for i in 0..<count { reset(i) }
    count = 0
    let result = gallery_recvmmsg(
      descriptor, messages.baseAddress, UInt32(wantedCount), Int32(MSG_DONTWAIT), nil)
    guard result > 0 else {
      mayHoldMore = false
      return false
    }
    count = Int(result)
    mayHoldMore = count == wantedCount
    let first = self[0]
    wantedCount =
      first.segmentByteCount < first.bytes.count
      ? Self.messageCounts.trains : Self.messageCounts.datagrams
    return true
  }

  /// What the kernel shortened when it filled a message in.
  private func reset(_ i: Int) {
    messages[i].header.name_length = UInt32(Self.nameByteCount)
    messages[i].header.control_length = UInt(Self.controlByteCount)
  }

  /// One of the `count` messages read last.
  subscript(i: Int) -> Arrival {
    let start = i * Self.messageByteCount
    let nameStart = i * Self.nameByteCount
    let nameEnd = nameStart + min(Int(messages[i].header.name_length), Self.nameByteCount)
    let byteCount = Int(messages[i].byte_count)
    let control = control(i)
    return Arrival(
      bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<start + byteCount]),
      segmentByteCount: min(control.segmentByteCount ?? byteCount, max(1, byteCount)),
      destination: control.destination, name: UnsafeRawBufferPointer(rebasing: names[nameStart..<nameEnd]))
  }

  /// What the kernel told beside a message, cmsg(3): the size of a train's datagrams, and where it was sent to.
  private func control(_ i: Int) -> (segmentByteCount: Int?, destination: UnsafeRawBufferPointer?) {
    var result: (segmentByteCount: Int?, destination: UnsafeRawBufferPointer?) = (nil, nil)
    let start = i * Self.controlByteCount
    let used = min(Int(messages[i].header.control_length), Self.controlByteCount)
    var rest = UnsafeRawBufferPointer(rebasing: controls[start..<start + used])
    // struct cmsghdr: its length (size_t), level and type (int), all in the host's order; then the data, padded to 8.
    while rest.count >= Self.controlHeaderByteCount {
      let byteCount = rest.load(as: Int.self)
      guard byteCount > Self.controlHeaderByteCount, byteCount <= rest.count else { break }
      let data = UnsafeRawBufferPointer(rebasing: rest[Self.controlHeaderByteCount..<byteCount])
      switch ControlKind(
        level: rest.load(fromByteOffset: 8, as: Int32.self),
        type: rest.load(fromByteOffset: 12, as: Int32.self))
      {
      case .offload where data.count >= 4:
        let segment = Int(data.load(as: Int32.self))
        if segment > 0 { result.segmentByteCount = segment }
      case .packetInfo where data.count >= 12:  // index, our address, the header's destination; 4 bytes each
        result.destination = UnsafeRawBufferPointer(rebasing: data[4..<8])
      case .packetInfo6 where data.count >= 16:
        result.destination = UnsafeRawBufferPointer(rebasing: data[..<16])
      default: break
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[min((byteCount + 7) & ~7, rest.count)...])
    }
    return result
  }
}
