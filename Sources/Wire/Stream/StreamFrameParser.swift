import Ground

/// Finds frames in a connection's bytes, in whatever pieces they arrive; sans-I/O. Specs/chunked-tcp.md §3.
///
/// The bytes of manifest and files are neither copied nor kept. The parser says where in the input they lie.
/// It keeps at most 518 bytes, whatever a peer sends. After an error every further call throws the same
/// error.
package struct StreamFrameParser: Sendable {
  /// The header of a frame, and a short body or the header of a body, until they are complete.
  private var gathered: [UInt8] = []
  private var phase = Phase.frameHeader
  private var failure: StreamError?
  /// Frames that were found whole.
  package private(set) var frameCount: UInt64 = 0
  /// Bytes of frames by type (`StreamFrameType.rawValue`), as their length fields say, from their headers on.
  private var announcedByteCounts = InlineArray<16, UInt64>(repeating: 0)

  private enum Phase {
    case frameHeader
    case body(StreamFrameType, byteCount: Int)
    case dataHeader(pieceByteCount: Int)
    case manifest(left: Int)
    case data(StreamDataHeader, left: Int)
  }

  package init() { gathered.reserveCapacity(StreamLimits.greetingByteCount) }

  /// The next event in `input` from `position` on, which moves behind it; nil when the rest of the input is
  /// used up.
  package mutating func next(
    in input: Span<UInt8>, from position: inout Int
  ) throws(StreamError) -> StreamEvent? {
    if let failure { throw failure }
    do throws(StreamError) {
      return try find(in: input, from: &position)
    } catch {
      failure = error
      throw error
    }
  }

  /// Throws `cutShort` when the connection may not end here.
  package func checkEnd() throws(StreamError) {
    if let failure { throw failure }
    let missing =
      switch phase {
      case .frameHeader: gathered.isEmpty ? 0 : StreamLimits.frameHeaderByteCount - gathered.count
      case .body(_, let byteCount): byteCount - gathered.count
      case .dataHeader(let pieceByteCount): StreamDataHeader.byteCount + pieceByteCount - gathered.count
      case .manifest(let left), .data(_, let left): left
      }
    guard missing == 0 else { throw .cutShort(missingByteCount: missing) }
  }

  /// Bytes of all frames of a type so far, header and body, as their length fields say.
  package func announcedByteCount(of type: StreamFrameType) -> UInt64 {
    announcedByteCounts[Int(type.rawValue) & 15]
  }

  private mutating func find(
    in input: Span<UInt8>, from position: inout Int
  ) throws(StreamError) -> StreamEvent? {
    while true {
      switch phase {
      case .frameHeader:
        guard gather(StreamLimits.frameHeaderByteCount, input, &position) else { return nil }
        try beginFrame()
      case .body(let type, let byteCount):
        guard gather(byteCount, input, &position) else { return nil }
        let event = try Self.decode(type, gathered.span)
        endFrame()
        return event
      case .dataHeader(let pieceByteCount):
        guard gather(StreamDataHeader.byteCount, input, &position) else { return nil }
        phase = .data(StreamDataHeader(decoding: gathered.span), left: pieceByteCount)
      case .manifest(let left):
        guard let range = take(left, input, &position) else { return nil }
        if range.count == left { endFrame() } else { phase = .manifest(left: left - range.count) }
        return .manifestBytes(range)
      case .data(let header, let left):
        guard let range = take(left, input, &position) else { return nil }
        if range.count == left {
          endFrame()
        } else {
          // The offset comes from a peer and may be at the end of its range.
          let next = StreamDataHeader(file: header.file, offset: header.offset &+ UInt64(range.count))
          phase = .data(next, left: left - range.count)
        }
        return .fileBytes(header, range)
      }
    }
  }

  /// Copies bytes until `gathered` has `byteCount` bytes. Returns whether it has them.
  private mutating func gather(_ byteCount: Int, _ input: Span<UInt8>, _ position: inout Int) -> Bool {
    while gathered.count < byteCount, position < input.count {
      gathered.append(input[position])
      position += 1
    }
    return gathered.count == byteCount
  }

  /// The range of the next bytes, at most `limit`; nil when there are none.
  private func take(_ limit: Int, _ input: Span<UInt8>, _ position: inout Int) -> Range<Int>? {
    guard position < input.count else { return nil }
    let range = position..<min(input.count, position + limit)
    position = range.upperBound
    return range
  }

  /// Reads the gathered frame header.
  private mutating func beginFrame() throws(StreamError) {
    let length = gathered.span.bigEndianUInt32(at: 0)
    guard length > 0 else { throw .frameTooShort(type: nil, length: 0, minimum: 1) }
    guard length <= UInt32(StreamLimits.frameLength) else {
      throw .frameTooLong(type: nil, length: length, limit: StreamLimits.frameLength)
    }
    guard let type = StreamFrameType(rawValue: gathered[4]) else { throw .unknownFrameType(gathered[4]) }
    let byteCount = Int(length) - 1
    let allowed = type.bodyByteCounts
    guard byteCount >= allowed.lowerBound else {
      throw .frameTooShort(type: type, length: length, minimum: allowed.lowerBound + 1)
    }
    guard byteCount <= allowed.upperBound else {
      throw .frameTooLong(type: type, length: length, limit: allowed.upperBound + 1)
    }
    gathered.removeAll(keepingCapacity: true)
    announcedByteCounts[Int(type.rawValue) & 15] += UInt64(StreamLimits.frameHeaderByteCount + byteCount)
    switch type {
    case .manifest: phase = .manifest(left: byteCount)
    case .data: phase = .dataHeader(pieceByteCount: byteCount - StreamDataHeader.byteCount)
    default: phase = .body(type, byteCount: byteCount)
    }
  }

  private mutating func endFrame() {
    gathered.removeAll(keepingCapacity: true)
    phase = .frameHeader
    frameCount += 1
  }

  private static func decode(_ type: StreamFrameType, _ body: Span<UInt8>) throws(StreamError) -> StreamEvent
  {
    switch type {
    case .hello: .hello(try StreamHello(decoding: body))
    case .welcome: .welcome(try StreamWelcome(decoding: body))
    case .digest: .digest(try StreamDigest(decoding: body))
    case .end: .end(try StreamEnd(decoding: body))
    case .complete: .complete(try StreamComplete(decoding: body))
    case .abort: .abort(try StreamAbort(decoding: body))
    case .report: .report(try StreamReport(decoding: body))
    case .rest: .rest(try StreamRest(decoding: body))
    case .reading: .reading
    // Never gathered, because their bytes are passed on as they arrive.
    case .manifest, .data: throw .malformed(type, field: "length")
    }
  }
}
