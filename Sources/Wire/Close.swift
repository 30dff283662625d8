import Ground

/// The receivers whose complete has reached the sender; Specs/chunked-udp.md §4.10.
package struct Close: ControlBody {
  package static let type = MessageType.close

  /// 1...65,535 receiver ids, from byte 28. Their count is bytes 20..<22. Bytes 22..<24 are zero.
  package var receiverIDs: [UInt64]

  /// Number of datagrams that the sender's own impairment has dropped on purpose so far; saturates; bytes
  /// 24..<28.
  package var inducedDropCount: UInt32

  package init(receiverIDs: [UInt64], inducedDropCount: UInt32 = 0) {
    self.receiverIDs = receiverIDs
    self.inducedDropCount = inducedDropCount
  }

  /// How many receivers fit into a datagram of this length (UDP payload).
  package static func maxReceivers(datagramByteCount: Int) -> Int {
    min(max(0, datagramByteCount - idsOffset) / 8, Int(UInt16.max))
  }

  package var byteCount: Int { Self.idsOffset + receiverIDs.count * 8 }

  private static let idsOffset = 28

  package init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError) {
    try bytes.requireAtLeast(Self.idsOffset)
    let count = Int(bytes.bigEndianUInt16(at: 20))
    guard count > 0 else { throw .emptyRange }
    try bytes.requireExactly(Self.idsOffset + count * 8)
    inducedDropCount = bytes.bigEndianUInt32(at: 24)
    receiverIDs = []
    receiverIDs.reserveCapacity(count)
    for index in 0..<count { receiverIDs.append(bytes.bigEndianUInt64(at: Self.idsOffset + index * 8)) }
  }

  package func writeBody(into body: UnsafeMutableRawBufferPointer) {
    precondition((1...Int(UInt16.max)).contains(receiverIDs.count), "a close names 1...65,535 receivers")
    var writer = ByteWriter(body)
    writer.write(UInt16(receiverIDs.count))
    writer.writeZeros(byteCount: 2)
    writer.write(inducedDropCount)
    for id in receiverIDs { writer.write(id) }
  }
}
