import Wire

/// Tells damage from what was never ours.
enum UnreadableDatagram {
  /// Whether a datagram that could not be decoded was damaged on its way: its CRC32 is wrong, or, where a
  /// flipped bit of magic, version or type keeps the CRC32 from being looked at, it names our session.
  /// `sessionID`: 0 while there is none.
  static func isCorrupt(_ datagram: UnsafeRawBufferPointer, _ error: WireError, sessionID: UInt64) -> Bool {
    switch error {
    case .checksumMismatch: return true
    case .unexpectedMessageType(let type):
      // Chunks where none belong: nobody has looked at their CRC32.
      guard type.carriesPayload else { return false }
      let span = Span<UInt8>(_unsafeElements: datagram.assumingMemoryBound(to: UInt8.self))
      return (try? DatagramChecksum.verifyData(span)) == nil
    case .badMagic, .unknownVersion, .unknownMessageType, .truncated:
      guard sessionID != 0, let named = DatagramHeader.sessionID(of: datagram) else {
        // Cut off before the session id: only our magic is left to judge by.
        return sessionID != 0 && datagram.first == DatagramHeader.magic
      }
      return named == sessionID
    case .trailingBytes, .emptyRange, .unorderedRange, .beyondSequenceSpace, .fieldOutOfRange, .invalidText:
      return false
    }
  }
}
