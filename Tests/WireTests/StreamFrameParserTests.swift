import Testing
import Wire

@Suite struct StreamFrameParserTests {
  /// However the network cuts the bytes, the same frames come out.
  @Test(arguments: [1, 2, 3, 7, 16, 17, 64, .max])
  func piecesDoNotMatter(pieceByteCount: Int) {
    let parsed = ParsedStream(StreamSamples.frames.flatMap { $0 }, pieceByteCount: pieceByteCount)
    #expect(parsed.error == nil)
    #expect(parsed.events == StreamSamples.events)
    #expect(parsed.manifest == [1, 2, 3])
    #expect(parsed.files == [0: [4, 5]])
  }

  @Test(arguments: StreamSamples.frames.indices)
  func everyPrefixIsCutShort(index: Int) {
    let frame = StreamSamples.frames[index]
    for length in 1..<frame.count {
      guard case .cutShort(let missing) = ParsedStream(Array(frame.prefix(length))).error else {
        Issue.record("\(length) of \(frame.count) bytes")
        continue
      }
      #expect(missing > 0 && missing <= frame.count - length)
    }
  }

  @Test func offsetsGoOnInsideAFrame() {
    let bytes = (0..<5_000).map { UInt8(truncatingIfNeeded: $0) }
    let frames =
      dataFrame(file: 1, offset: 0, Array(bytes[..<3_000]))
      + dataFrame(file: 1, offset: 3_000, Array(bytes[3_000...]))
    #expect(ParsedStream(frames, pieceByteCount: 100).files == [1: bytes])
  }

  @Test func largestPieceIsTaken() {
    let piece = [UInt8](repeating: 7, count: StreamLimits.pieceByteCount)
    #expect(ParsedStream(dataFrame(file: 0, offset: 0, piece), pieceByteCount: 65_536).files == [0: piece])
  }

  @Test(arguments: [UInt32.max, 1 << 31, 1_048_590])
  func giantLength(length: UInt32) {
    let header = withUnsafeBytes(of: length.bigEndian) { Array($0) } + [4]
    #expect(
      ParsedStream(header).error
        == .frameTooLong(type: nil, length: length, limit: StreamLimits.frameLength))
  }

  @Test func emptyFrame() {
    #expect(ParsedStream([0, 0, 0, 0, 1]).error == .frameTooShort(type: nil, length: 0, minimum: 1))
  }

  @Test(arguments: [0, 12, 13, 99, 255] as [UInt8])
  func unknownType(type: UInt8) {
    #expect(ParsedStream(rawFrame(type, [1, 2])).error == .unknownFrameType(type))
  }

  /// One byte less than a type needs, and one more than it may have.
  @Test(arguments: StreamFrameType.allCases)
  func lengthsOfEachType(type: StreamFrameType) {
    let allowed = type.bodyByteCounts
    // A frame without a body cannot be shorter: `emptyFrame` is that case.
    if allowed.lowerBound > 0 {
      let short = rawFrame(type.rawValue, [UInt8](repeating: 0, count: allowed.lowerBound - 1))
      #expect(
        ParsedStream(short).error
          == .frameTooShort(
            type: type, length: UInt32(allowed.lowerBound), minimum: allowed.lowerBound + 1))
    }
    let long = rawFrame(type.rawValue, [UInt8](repeating: 0, count: allowed.upperBound + 1))
    let limit = type == .data ? StreamLimits.frameLength : allowed.upperBound + 1
    #expect(
      ParsedStream(long).error
        == .frameTooLong(
          type: type == .data ? nil : type, length: UInt32(allowed.upperBound + 2), limit: limit))
  }

  @Test func anErrorStays() throws {
    var parser = StreamFrameParser()
    var position = 0
    #expect(throws: StreamError.unknownFrameType(77)) {
      try parser.next(in: rawFrame(77, []).span, from: &position)
    }
    position = 0
    #expect(throws: StreamError.unknownFrameType(77)) {
      try parser.next(in: StreamSamples.report.frame().span, from: &position)
    }
    #expect(throws: StreamError.unknownFrameType(77)) { try parser.checkEnd() }
  }

  /// Whatever comes, there is an end to it, and memory does not grow with it.
  @Test(arguments: UInt64(1)...200)
  func randomBytes(seed: UInt64) {
    var state = seed
    let bytes = (0..<2_000).map { index -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // Mostly small lengths, so that the parser gets further than the first.
      return index % 5 < 3 && state & 7 < 5 ? 0 : UInt8(truncatingIfNeeded: state >> 33)
    }
    let whole = ParsedStream(bytes)
    #expect(ParsedStream(bytes, pieceByteCount: 1).error == whole.error, "seed \(seed)")
    #expect(ParsedStream(bytes, pieceByteCount: 13).events == whole.events, "seed \(seed)")
  }
}
