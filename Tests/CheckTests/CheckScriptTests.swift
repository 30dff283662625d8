import Check
import Ground
import Testing
import Wire

/// What a script does to the datagrams of a run.
@Suite struct CheckScriptTests {
  /// A datagram of the chunked protocol with a payload, signed.
  private static func data(_ chunk: UInt32, packet: UInt32 = 0) -> [UInt8] {
    var bytes: [UInt8] = [DatagramHeader.magic, DatagramHeader.version, MessageType.data.rawValue, 0]
    bytes.appendBigEndian(UInt64(0xABCD))
    bytes.appendBigEndian(packet)
    bytes.appendBigEndian(UInt32(0))
    bytes.appendBigEndian(chunk)
    bytes += [UInt8](repeating: 0, count: 8) + [1, 2, 3]
    CheckedDatagram.sign(&bytes)
    return bytes
  }

  private static let nack = Nack(
    receiverID: 7, highestPacketNumber: 3, echoedTimestamp: 0, holdMicroseconds: 0,
    body: .ranges([ChunkRange(first: 5, count: 2), ChunkRange(first: 14, count: 1)]))

  private func script(_ rules: CheckRule...) -> CheckScript { CheckScript(rules, seed: 1) }

  /// The datagrams that a script hands on for these of the sender.
  private func handed(_ script: CheckScript, _ datagrams: [[UInt8]]) -> [[UInt8]] {
    datagrams.flatMap { script.copies(of: $0, isFromSender: true) }
  }

  @Test func aChunkIsLostByItsSending() {
    let script = script(CheckRule(.chunk(5, 1...1), .lost))
    let (four, five, again) = (Self.data(4), Self.data(5, packet: 1), Self.data(5, packet: 2))
    #expect(handed(script, [four, five, again]) == [four, again])
    let name = DatagramName(isFromSender: true, kind: .data, chunk: 5, ordinal: 1)
    #expect(script.touched == [name: "lost"] && name.description == "chunk 5")
  }

  @Test func aKindIsNamedByItsPlace() {
    let script = script(CheckRule(.kind(.nack, 2...2), .doubled))
    let nack = Self.nack.encode(sessionID: 1, packetNumber: 0)
    let counts = (0..<3).map { _ in script.copies(of: nack, isFromSender: false).count }
    #expect(counts == [1, 2, 1])
    #expect(script.touched.keys.map(\.description) == ["NACK 2"])
  }

  /// Numbers, and no time: this many others are in front.
  @Test func anOvertakenDatagramComesBehindOthers() {
    let script = script(CheckRule(.datagram(0), .overtaken(by: 2)))
    let images: [[UInt8]] = [[1], [2], [3], [4]]
    #expect(handed(script, images) == [[2], [3], [1], [4]])
    #expect(script.arrived == images && script.delivered == [[2], [3], [1], [4]])
  }

  @Test func aShrunkRunTreatsTheNamedAlone() {
    let kept = DatagramName(isFromSender: true, kind: nil, ordinal: 2)
    let script = CheckScript(
      [CheckRule(.datagram(1), .lost), CheckRule(.datagram(2), .lost)], allowed: [kept], seed: 1)
    #expect(handed(script, [[0], [1], [2], [3]]) == [[0], [1], [3]])
  }

  /// The same names have the same fate, whatever lies between them.
  @Test func randomLossFollowsTheNames() {
    let chunks = (0..<200).map { Self.data(UInt32($0)) }
    let first = script(CheckRule(.share(0.2), .lost))
    let second = script(CheckRule(.share(0.2), .lost))
    #expect(handed(first, chunks).count < 190)
    #expect(Set(handed(first, [])) == [] && handed(second, chunks.reversed()).count > 100)
    #expect(first.touched == second.touched)
  }

  /// The forged datagrams have a right CRC32, so that a program has to look at the field.
  @Test(arguments: [CheckForgery.ofAnotherSession, .beyondTheSet, .tooShort, .withAnotherLastByte])
  func aForgeryIsSigned(forgery: CheckForgery) throws {
    let original = Self.data(5)
    let forged = try #require(forgery.datagram(of: original, identity: nil))
    #expect(forged != original)
    #expect(throws: Never.self) { try DataDatagram.decode(forged.span) }
  }

  @Test func aBitmapNamesTheSameChunks() throws {
    let original = Self.nack.encode(sessionID: 1, packetNumber: 9)
    let forged = try #require(CheckForgery.asBitmap.datagram(of: original, identity: nil))
    let (header, message) = try ControlMessage.decode(forged.span)
    guard case .nack(let nack) = message else { return #expect(Bool(false), "\(message)") }
    #expect(header.packetNumber == 9)
    #expect(Array(nack.missingRanges) == Array(Self.nack.missingRanges))
  }
}
