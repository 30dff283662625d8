/// The receivers whose complete the sender has; Specs/chunked-udp.md §4.10.
package struct Close: ControlBody {
  package static let type = MessageType.close

  /// 0...65,535 receiver ids; their count is bytes 20..<22, they follow from byte 22.
  package var receiverIDs: [UInt64]

  package init(receiverIDs: [UInt64]) { self.receiverIDs = receiverIDs }

  /// How many receivers fit into a datagram (UDP payload) of that length.
  package static func maxReceivers(datagramByteCount: Int) -> Int {
    min(max(0, datagramByteCount - idsOffset) / 8, Int(UInt16.max))
  }

  package var byteCount: Int { Self.idsOffset + receiverIDs.count * 8 }

  private static let idsOffset = 22

  package init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError) {
    try bytes.requireAtLeast(Self.idsOffset)
    let count = Int(bytes.bigEndianUInt16(at: 20))
    try bytes.requireExactly(Self.idsOffset + count * 8)
    receiverIDs = []
    receiverIDs.reserveCapacity(count)
    for index in 0..<count { receiverIDs.append(bytes.bigEndianUInt64(at: Self.idsOffset + index * 8)) }
  }

  package func writeBody(into body: UnsafeMutableRawBufferPointer) {
    precondition(receiverIDs.count <= Int(UInt16.max), "a close names at most 65,535 receivers")
    var writer = ByteWriter(body)
    writer.write(UInt16(receiverIDs.count))
    for id in receiverIDs { writer.write(id) }
  }
}
