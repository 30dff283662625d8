import CLinux
import Glibc
package import NIOCore
import Network

/// One message from the kernel: a datagram, or with receive offload a train of datagrams. Its bytes and its
/// sender's address lie in the reader's memory. They are valid until the next read.
@usableFromInline package struct Arrival {
  /// Datagrams of `segmentByteCount` bytes (at least 1); the last may be shorter. Empty for an empty
  /// datagram.
  @usableFromInline package let bytes: UnsafeRawBufferPointer
  @usableFromInline package let segmentByteCount: Int
  /// The address of this host to which it was sent, 4 or 16 bytes; for an IPv4 broadcast the interface's own
  /// address. Nil when the socket was not asked to tell it.
  package let destination: UnsafeRawBufferPointer?
  /// The IP header's ECN field (RFC 3168), 0...3; 0 when the socket was not asked to tell it. The kernel
  /// joins no datagrams to a train whose fields differ.
  package let congestionField: UInt8
  /// The sender's address in the kernel's form.
  let name: UnsafeRawBufferPointer

  /// A datagram that did not come from a socket. `name`: its sender's address in the kernel's form. Both must
  /// outlive this value.
  package init(datagram bytes: UnsafeRawBufferPointer, name: UnsafeRawBufferPointer) {
    self.init(
      bytes: bytes, segmentByteCount: max(1, bytes.count), destination: nil, congestionField: 0, name: name)
  }

  init(
    bytes: UnsafeRawBufferPointer, segmentByteCount: Int, destination: UnsafeRawBufferPointer?,
    congestionField: UInt8, name: UnsafeRawBufferPointer
  ) {
    self.bytes = bytes
    self.segmentByteCount = segmentByteCount
    self.destination = destination
    self.congestionField = congestionField
    self.name = name
  }

  /// A router marked it "congestion experienced", in place of dropping it or before it had to.
  package var isMarked: Bool { congestionField == 3 }

  /// The sender's address. It is computed on request, because few datagrams of a session need it.
  package var sender: SocketAddress? { SocketAddress(kernelForm: name) }

  /// The sender's address, to be compared with that of another datagram.
  package var senderName: KernelName { KernelName(name) }

  @inlinable package func eachDatagram(_ body: (UnsafeRawBufferPointer) -> Void) {
    bytes.eachSegment(segmentByteCount, body)
  }
}

extension UnsafeRawBufferPointer {
  /// The datagrams of a train. Each has `byteCount` bytes (at least 1); the last may be shorter. An empty
  /// train has none.
  @inlinable package func eachSegment(_ byteCount: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    var start = 0
    while start < count {
      body(UnsafeRawBufferPointer(rebasing: self[start..<Swift.min(start + byteCount, count)]))
      start += byteCount
    }
  }
}

/// Reads the datagrams that have arrived at a socket: several datagrams, or several trains, by one
/// recvmmsg(2).
final class DatagramReader {
  /// Datagrams of 1,500 bytes should be gathered, so that one write to a file takes many. A train is large
  /// enough for one write by itself, and should still be in the cache then.
  private static let messageCounts = (datagrams: 64, trains: 4)
  private static let messageByteCount = 65_536
  private static let controlByteCount = ReceivedControl.byteCount
  private static let nameByteCount = MemoryLayout<sockaddr_storage>.size

  private let bytes: UnsafeMutableRawBufferPointer
  private let names: UnsafeMutableRawBufferPointer
  private let controls: UnsafeMutableRawBufferPointer
  private let vectors: UnsafeMutableBufferPointer<iovec>
  private let messages: UnsafeMutableBufferPointer<gallery_received_message>
  private var wantedCount = messageCounts.datagrams
  /// The number of messages in the last read.
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

  /// Reads what has arrived, without waiting. False when nothing has. An error of the socket, about a
  /// datagram that was sent before, counts as nothing too: the protocol repairs losses.
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

  /// One of the `count` messages of the last read.
  subscript(i: Int) -> Arrival {
    let start = i * Self.messageByteCount
    let nameStart = i * Self.nameByteCount
    let nameEnd = nameStart + min(Int(messages[i].header.name_length), Self.nameByteCount)
    let byteCount = Int(messages[i].byte_count)
    let control = ReceivedControl(
      UnsafeRawBufferPointer(controls), from: i * Self.controlByteCount,
      byteCount: min(Int(messages[i].header.control_length), Self.controlByteCount))
    return Arrival(
      bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<start + byteCount]),
      segmentByteCount: min(control.segmentByteCount ?? byteCount, max(1, byteCount)),
      destination: control.destination, congestionField: control.congestionField,
      name: UnsafeRawBufferPointer(rebasing: names[nameStart..<nameEnd]))
  }
}
