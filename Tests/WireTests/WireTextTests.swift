import Testing
import Wire

/// Texts in join, complete and abort: limits, cutting, and bytes that are not UTF-8.
@Suite struct WireTextTests {
  private static func join(hostName: String) -> Join {
    Join(
      receiverID: 1, echoedTimestamp: 0, holdMicroseconds: 0, receiveBufferByteCount: 0,
      largestAnnounceByteCount: 0, hostName: hostName)
  }

  /// A family of four is one character of 25 bytes: two of them fit into 64, and nothing of the third.
  @Test(arguments: [
    (String(repeating: "a", count: 64), 64), (String(repeating: "a", count: 65), 64),
    (String(repeating: "é", count: 33), 64), (String(repeating: "👨‍👩‍👧‍👦", count: 3), 50), ("", 0),
  ])
  func cutsBetweenCharacters(text: String, byteCount: Int) {
    let join = Self.join(hostName: text)
    #expect(join.hostName.utf8.count == byteCount)
    #expect(text.hasPrefix(join.hostName))
    #expect(controlMessage(join.encode(sessionID: 0, packetNumber: 0)) == .join(join))
  }

  @Test(arguments: [[0xFF], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80]] as [[UInt8]])
  func refusesWhatIsNotUTF8(text: [UInt8]) {
    let head = [UInt8](repeating: 0, count: 8)
    let abort = ReferenceDatagram.make(type: .abort, body: head + [0, UInt8(text.count)] + text)
    #expect(wireError(abort) == .invalidText(field: "abort text"))
  }

  @Test(arguments: [
    (MessageType.join, 22, 65, "host name"), (.complete, 25, 201, "complete text"),
    (.abort, 9, 201, "abort text"),
  ])
  func refusesTextBeyondItsLimit(type: MessageType, lengthOffset: Int, byteCount: Int, field: String) {
    let body =
      [UInt8](repeating: 0, count: lengthOffset) + [UInt8(byteCount)]
      + [UInt8](repeating: 65, count: byteCount)
    #expect(
      wireError(ReferenceDatagram.make(type: type, body: body))
        == .fieldOutOfRange(field: "\(field) byte count", value: UInt64(byteCount)))
  }
}
