import Ground

/// A receiver takes part in a session: the answer to an announce; Specs/chunked-udp.md §4.2.
package struct Join: ControlBody {
  package static let type = MessageType.join
  package static let maxHostNameByteCount = 64
  package static let maximumByteCount = 43 + maxHostNameByteCount

  /// Random, chosen by the receiver for this session; not 0; bytes 20..<28.
  package var receiverID: UInt64
  /// The timestamp of the announce that this answers; bytes 28..<32.
  package var echoedTimestamp: UInt32
  /// From the announce's arrival to this datagram; bytes 32..<36.
  package var holdMicroseconds: UInt32
  /// The socket's receive buffer as the kernel reports it; bytes 36..<40.
  package var receiveBufferByteCount: UInt32
  /// The length of the longest announce that arrived, UDP payload bytes. The path carries this much; bytes
  /// 40..<42.
  package var largestAnnounceByteCount: UInt16
  /// The receiver's name for people: UTF-8, ≤ 64 bytes; its byte count is byte 42. Escape control characters
  /// before it is shown.
  package let hostName: String
  /// This receiver counts the datagrams that come marked (RFC 3168), so that they may be marked. The flag
  /// *counts marks*.
  package let countsMarks: Bool

  /// A `hostName` longer than 64 bytes is cut between two characters.
  package init(
    receiverID: UInt64, echoedTimestamp: UInt32, holdMicroseconds: UInt32, receiveBufferByteCount: UInt32,
    largestAnnounceByteCount: UInt16, hostName: String, countsMarks: Bool = false
  ) {
    self.receiverID = receiverID
    self.echoedTimestamp = echoedTimestamp
    self.holdMicroseconds = holdMicroseconds
    self.receiveBufferByteCount = receiveBufferByteCount
    self.largestAnnounceByteCount = largestAnnounceByteCount
    self.hostName = WireText.clipped(hostName, byteCount: Self.maxHostNameByteCount)
    self.countsMarks = countsMarks
  }

  package var formFlags: DatagramFlags { countsMarks ? .countsMarks : [] }
  package var byteCount: Int { 43 + hostName.utf8.count }

  package init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError) {
    let hostName = try WireText.decode(
      bytes, at: 42, maxByteCount: Self.maxHostNameByteCount, field: "host name")
    self.init(
      receiverID: bytes.bigEndianUInt64(at: 20), echoedTimestamp: bytes.bigEndianUInt32(at: 28),
      holdMicroseconds: bytes.bigEndianUInt32(at: 32), receiveBufferByteCount: bytes.bigEndianUInt32(at: 36),
      largestAnnounceByteCount: bytes.bigEndianUInt16(at: 40), hostName: hostName,
      countsMarks: flags.contains(.countsMarks))
  }

  package func writeBody(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(receiverID)
    writer.write(echoedTimestamp)
    writer.write(holdMicroseconds)
    writer.write(receiveBufferByteCount)
    writer.write(largestAnnounceByteCount)
    WireText.write(hostName, into: &writer)
  }
}
