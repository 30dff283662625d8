import Testing
import Wire

@Suite struct StreamGreetingTests {
  /// Of another version only magic and version are read, whatever the rest is.
  @Test(arguments: [1, 2] as [UInt8], [5, 17, 48, 300])
  func otherVersion(type: UInt8, byteCount: Int) {
    var body = [UInt8](repeating: 0xEE, count: byteCount)
    body.replaceSubrange(0..<5, with: Array("GLRY".utf8) + [9])
    let error = ParsedStream(rawFrame(type, body)).error
    #expect(error == .versionMismatch(theirs: 9))
    #expect(
      error?.description
        == "protocol version 9, this program speaks version 2; use the same release on both sides")
  }

  @Test func wrongMagic() {
    let body = Array("HTTP".utf8) + [UInt8](repeating: 1, count: 44)
    #expect(ParsedStream(rawFrame(1, body)).error == .badMagic(0x4854_5450))
  }

  @Test(arguments: [47, 49])
  func helloOfAnotherLength(byteCount: Int) {
    var body = Array(StreamSamples.hello.frame().dropFirst(5))
    body = byteCount < body.count ? Array(body.prefix(byteCount)) : body + [0]
    #expect(ParsedStream(rawFrame(1, body)).error == .malformed(.hello, field: "length"))
  }

  @Test func longNamesAreCut() {
    let welcome = StreamWelcome(receiverID: 1, hostName: String(repeating: "é", count: 40))
    #expect(welcome.hostName == String(repeating: "é", count: 32))
    #expect(ParsedStream(welcome.frame()).events == [.welcome(welcome)])
  }

  @Test func textMustBeUTF8AndFit() {
    #expect(ParsedStream(rawFrame(8, [1, 2, 0xFF, 0xFE])).error == .malformed(.abort, field: "text"))
    #expect(ParsedStream(rawFrame(8, [1, 3, 0x41, 0x42])).error == .malformed(.abort, field: "text"))
    #expect(ParsedStream(rawFrame(8, [1, 1, 0x41, 0x42])).error == .malformed(.abort, field: "text"))
  }

  /// In the order of the specification's table.
  @Test func typeNumbers() {
    #expect(StreamFrameType.allCases.map(\.rawValue) == Array(1...11))
  }
}
