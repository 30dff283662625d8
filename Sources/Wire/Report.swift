import Ground

/// The facts about one receiver that rate control needs; Specs/chunked-udp.md §4.7.
package struct Report: ControlBody {
  package static let type = MessageType.report

  /// Bytes 20..<28.
  package var receiverID: UInt64
  /// The highest packet number seen, low 32 bits; bytes 28..<32.
  package var highestPacketNumber: UInt32
  /// The timestamp of the datagram with that packet number; bytes 32..<36.
  package var echoedTimestamp: UInt32
  /// From that datagram's arrival to this one; bytes 36..<40.
  package var holdMicroseconds: UInt32
  /// The receiver's clock at that datagram's arrival, low 32 bits; bytes 40..<44.
  package var receiverClockMicroseconds: UInt32
  /// Datagrams that the receiver's own socket dropped so far (`SO_MEMINFO`); bytes 44..<48.
  package var socketDropCount: UInt32
  /// Distinct datagrams received; bytes 48..<56.
  package var receivedDatagramCount: UInt64
  /// Their UDP payload; bytes 56..<64.
  package var receivedByteCount: UInt64
  /// Chunks that the receiver holds; bytes 64..<72.
  package var heldChunkCount: UInt64
  /// Data received more than once; bytes 72..<80.
  package var duplicateCount: UInt64
  /// Distinct datagrams of the session that arrived with the mark "congestion experienced" (RFC 3168), modulo
  /// 2^32; 0 without `countsMarks`. Bytes 80..<84.
  package var congestionMarkCount: UInt32
  /// This receiver counts them. The flag *counts marks*.
  package var countsMarks: Bool
  /// The receiver's disk is full: the KiB that it lacks for the rest of the set, 2^32 − 1 when it is more. 0:
  /// it stores what comes. Bytes 84..<88.
  package var missingKibibytes: UInt32

  package init(
    receiverID: UInt64, highestPacketNumber: UInt32, echoedTimestamp: UInt32, holdMicroseconds: UInt32,
    receiverClockMicroseconds: UInt32, socketDropCount: UInt32, receivedDatagramCount: UInt64,
    receivedByteCount: UInt64, heldChunkCount: UInt64, duplicateCount: UInt64,
    congestionMarkCount: UInt32 = 0, countsMarks: Bool = false, missingKibibytes: UInt32 = 0
  ) {
    self.receiverID = receiverID
    self.highestPacketNumber = highestPacketNumber
    self.echoedTimestamp = echoedTimestamp
    self.holdMicroseconds = holdMicroseconds
    self.receiverClockMicroseconds = receiverClockMicroseconds
    self.socketDropCount = socketDropCount
    self.receivedDatagramCount = receivedDatagramCount
    self.receivedByteCount = receivedByteCount
    self.heldChunkCount = heldChunkCount
    self.duplicateCount = duplicateCount
    self.congestionMarkCount = congestionMarkCount
    self.countsMarks = countsMarks
    self.missingKibibytes = missingKibibytes
  }

  package static let fixedByteCount = 88
  package var byteCount: Int { Self.fixedByteCount }
  package var formFlags: DatagramFlags { countsMarks ? .countsMarks : [] }

  package init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError) {
    try bytes.requireExactly(Self.fixedByteCount)
    self.init(
      receiverID: bytes.bigEndianUInt64(at: 20), highestPacketNumber: bytes.bigEndianUInt32(at: 28),
      echoedTimestamp: bytes.bigEndianUInt32(at: 32), holdMicroseconds: bytes.bigEndianUInt32(at: 36),
      receiverClockMicroseconds: bytes.bigEndianUInt32(at: 40),
      socketDropCount: bytes.bigEndianUInt32(at: 44),
      receivedDatagramCount: bytes.bigEndianUInt64(at: 48), receivedByteCount: bytes.bigEndianUInt64(at: 56),
      heldChunkCount: bytes.bigEndianUInt64(at: 64), duplicateCount: bytes.bigEndianUInt64(at: 72),
      congestionMarkCount: bytes.bigEndianUInt32(at: 80), countsMarks: flags.contains(.countsMarks),
      missingKibibytes: bytes.bigEndianUInt32(at: 84))
  }

  package func writeBody(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(receiverID)
    writer.write(highestPacketNumber)
    writer.write(echoedTimestamp)
    writer.write(holdMicroseconds)
    writer.write(receiverClockMicroseconds)
    writer.write(socketDropCount)
    writer.write(receivedDatagramCount)
    writer.write(receivedByteCount)
    writer.write(heldChunkCount)
    writer.write(duplicateCount)
    writer.write(congestionMarkCount)
    writer.write(missingKibibytes)
  }
}
