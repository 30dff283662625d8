import Ground

/// How a receiver ended: byte 44 of a complete.
package enum CompleteStatus: Hashable, Sendable {
  /// 0: every file arrived and was verified.
  case whole
  /// 1: some files failed verification.
  case someFilesFailed
  /// 2: it could not store them: disk full, no permission…
  case couldNotStore
  /// 3: the person at the receiver ended it.
  case endedByUser
  /// A status that version 2 does not know; not a success.
  case unknown(UInt8)

  package init(rawValue: UInt8) {
    switch rawValue {
    case 0: self = .whole
    case 1: self = .someFilesFailed
    case 2: self = .couldNotStore
    case 3: self = .endedByUser
    default: self = .unknown(rawValue)
    }
  }

  package var rawValue: UInt8 {
    switch self {
    case .whole: 0
    case .someFilesFailed: 1
    case .couldNotStore: 2
    case .endedByUser: 3
    case .unknown(let value): value
    }
  }
}

/// The outcome at a receiver, as the answer to an end; Specs/chunked-udp.md §4.9.
package struct Complete: ControlBody {
  package static let type = MessageType.complete
  package static let maxTextByteCount = 200

  /// Bytes 20..<28.
  package var receiverID: UInt64
  /// The timestamp of the newest sender's datagram seen; bytes 28..<32.
  package var echoedTimestamp: UInt32
  /// From that datagram's arrival to this one; bytes 32..<36.
  package var holdMicroseconds: UInt32
  /// Bytes 36..<40.
  package var verifiedFileCount: UInt32
  /// Bytes 40..<44.
  package var failedFileCount: UInt32
  /// Byte 44.
  package var status: CompleteStatus
  /// For people: UTF-8, ≤ 200 bytes; its byte count is byte 45. Escape control characters before it is shown.
  package let text: String

  /// A `text` longer than 200 bytes is cut between two characters.
  package init(
    receiverID: UInt64, echoedTimestamp: UInt32, holdMicroseconds: UInt32, verifiedFileCount: UInt32,
    failedFileCount: UInt32, status: CompleteStatus, text: String = ""
  ) {
    self.receiverID = receiverID
    self.echoedTimestamp = echoedTimestamp
    self.holdMicroseconds = holdMicroseconds
    self.verifiedFileCount = verifiedFileCount
    self.failedFileCount = failedFileCount
    self.status = status
    self.text = WireText.clipped(text, byteCount: Self.maxTextByteCount)
  }

  package var byteCount: Int { 46 + text.utf8.count }

  package init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError) {
    let text = try WireText.decode(bytes, at: 45, maxByteCount: Self.maxTextByteCount, field: "complete text")
    self.init(
      receiverID: bytes.bigEndianUInt64(at: 20), echoedTimestamp: bytes.bigEndianUInt32(at: 28),
      holdMicroseconds: bytes.bigEndianUInt32(at: 32), verifiedFileCount: bytes.bigEndianUInt32(at: 36),
      failedFileCount: bytes.bigEndianUInt32(at: 40), status: CompleteStatus(rawValue: bytes[44]), text: text)
  }

  package func writeBody(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(receiverID)
    writer.write(echoedTimestamp)
    writer.write(holdMicroseconds)
    writer.write(verifiedFileCount)
    writer.write(failedFileCount)
    writer.write(status.rawValue)
    WireText.write(text, into: &writer)
  }
}
