import Testing
import Wire

/// Specs/vectors/tcp-*.hex, both ways.
@Suite struct StreamVectorTests {
  @Test(arguments: [
    ("hello", StreamEvent.hello(StreamSamples.hello), StreamSamples.hello.frame()),
    ("welcome", .welcome(StreamSamples.welcome), StreamSamples.welcome.frame()),
    ("digest", .digest(StreamSamples.digest), StreamSamples.digest.frame()),
    ("end", .end(StreamSamples.end), StreamSamples.end.frame()),
    ("complete", .complete(StreamSamples.complete), StreamSamples.complete.frame()),
    ("abort", .abort(StreamSamples.abort), StreamSamples.abort.frame()),
    ("report", .report(StreamSamples.report), StreamSamples.report.frame()),
    ("rest", .rest(StreamSamples.rest), StreamSamples.rest.frame()),
    ("reading", .reading, StreamReading().frame()),
  ])
  func messages(name: String, event: StreamEvent, frame: [UInt8]) throws {
    let bytes = try streamVector(name)
    #expect(frame == bytes)
    let parsed = ParsedStream(bytes)
    #expect(parsed.events == [event])
    #expect(parsed.error == nil)
  }

  @Test func manifestPiece() throws {
    let bytes = try streamVector("manifest")
    #expect(rawFrame(3, [0x47, 0x4D, 0x46, 0x31, 0, 0, 0, 3]) == bytes)
    #expect(ParsedStream(bytes).manifest == [0x47, 0x4D, 0x46, 0x31, 0, 0, 0, 3])
  }

  @Test func dataPiece() throws {
    let bytes = try streamVector("data")
    let hello = Array("hello".utf8)
    #expect(dataFrame(file: 2, offset: 1 << 32, hello) == bytes)
    var parser = StreamFrameParser()
    var position = 0
    let event = try parser.next(in: bytes.span, from: &position)
    #expect(event == .fileBytes(StreamDataHeader(file: 2, offset: 1 << 32), 17..<22))
  }
}
