/// Why one datagram was dropped, Specs/chunked-udp.md §7. Each case has a counter, keyed by its `name`.
///
/// A peer's bytes can cause nothing worse than one of these errors: the datagram is counted and dropped, and
/// the session goes on.
package enum WireError: Error, Equatable {
  /// Fewer bytes than the message's fixed part, or than its own counts announce. Bytes, from the datagram's
  /// start.
  case truncated(needed: Int, available: Int)
  /// More bytes than the message accounts for. Bytes, from the datagram's start.
  case trailingBytes(expected: Int, available: Int)
  /// The first byte is not 0x47: not a datagram of this protocol.
  case badMagic(UInt8)
  /// Another version of this protocol. Its checksum is not checked, because it may be at another place.
  case unknownVersion(UInt8)
  case unknownMessageType(UInt8)
  /// A known type, but not one that this decoder reads.
  case unexpectedMessageType(MessageType)
  /// The CRC32 in the datagram (`expected`) is not that of its bytes (`computed`).
  case checksumMismatch(expected: UInt32, computed: UInt32)
  /// A range, a list or an entry that names nothing.
  case emptyRange
  /// Ranges of a NACK that are not ascending, or that overlap; the first chunk of the later one.
  case unorderedRange(first: UInt32)
  /// Chunks at or beyond 2^32, the end of the sequence space.
  case beyondSequenceSpace(chunkCount: UInt64)
  /// A field outside the range that the specification gives it.
  case fieldOutOfRange(field: String, value: UInt64)
  /// Text that is not UTF-8.
  case invalidText(field: String)

  /// The counter's key: a stable word for each case.
  package var name: String {
    switch self {
    case .truncated: "truncated"
    case .trailingBytes: "trailing_bytes"
    case .badMagic: "bad_magic"
    case .unknownVersion: "unknown_version"
    case .unknownMessageType: "unknown_message_type"
    case .unexpectedMessageType: "unexpected_message_type"
    case .checksumMismatch: "checksum_mismatch"
    case .emptyRange: "empty_range"
    case .unorderedRange: "unordered_range"
    case .beyondSequenceSpace: "beyond_sequence_space"
    case .fieldOutOfRange: "field_out_of_range"
    case .invalidText: "invalid_text"
    }
  }
}

extension WireError: CustomStringConvertible {
  /// One line: what is wrong with the datagram.
  package var description: String {
    switch self {
    case .truncated(let needed, let available):
      "datagram too short: \(available) bytes, at least \(needed) needed"
    case .trailingBytes(let expected, let available):
      "datagram too long: \(available) bytes, its fields account for \(expected)"
    case .badMagic(let byte):
      "not a chunked datagram: it begins with byte \(byte), not \(DatagramHeader.magic) (a naive sender?)"
    case .unknownVersion(let version):
      "protocol version \(version), but this program speaks version \(DatagramHeader.version): "
        + "use the same release on both sides"
    case .unknownMessageType(let type): "unknown message type \(type)"
    case .unexpectedMessageType(let type): "message of type \(type) where another was expected"
    case .checksumMismatch(let expected, let computed):
      "CRC32 \(expected) in the datagram, \(computed) computed: it was damaged on the way"
    case .emptyRange: "a range or a list that names nothing"
    case .unorderedRange(let first):
      "NACK range at chunk \(first) overlaps the range before it or precedes it"
    case .beyondSequenceSpace(let chunkCount):
      "\(chunkCount) chunks reach beyond the sequence space of 4,294,967,296"
    case .fieldOutOfRange(let field, let value): "\(field) is \(value), outside its range"
    case .invalidText(let field): "\(field) is not UTF-8"
    }
  }
}
