import Wire

/// The frames of a connection. Found in one piece or in pieces of any lengths, they are the same, and the
/// bytes of files that arrive lie in the input and behind each other.
func fuzzFrames(_ bytes: UnsafeBufferPointer<UInt8>) {
  guard let seed = bytes.first else { return }
  let stream = Array(bytes.dropFirst())
  let whole = FoundFrames(stream) { stream.count }
  var state = UInt64(seed)
  let pieces = FoundFrames(stream) {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return 1 + Int(state >> 33) % (seed & 1 == 0 ? 7 : 300)
  }
  precondition(whole == pieces, "frames depend on the pieces in which their bytes arrive")
}

/// What a parser finds in a stream: frames, and the bytes of files by their places.
private struct FoundFrames: Equatable {
  var frames: [StreamEvent] = []
  var manifest: [UInt8] = []
  /// A file's number, the place in it, and bytes that lie behind each other.
  var files: [[UInt64]] = []
  var fileBytes: [UInt8] = []
  var failure: String?
  var ending: String?
  var frameCount: UInt64 = 0

  init(_ stream: [UInt8], nextByteCount: () -> Int) {
    var parser = StreamFrameParser()
    var start = 0
    do throws(StreamError) {
      while start < stream.count {
        let end = min(stream.count, start + nextByteCount())
        let piece = stream.span.extracting(start..<end)
        var position = 0
        while let event = try parser.next(in: piece, from: &position) {
          precondition(position <= piece.count)
          take(event, stream, from: start)
        }
        precondition(position == piece.count, "bytes are left over")
        start = end
      }
    } catch {
      failure = "\(error)"
    }
    do throws(StreamError) { try parser.checkEnd() } catch { ending = "\(error)" }
    precondition(failure == nil || ending == failure, "a parser that failed does not stay failed")
    frameCount = parser.frameCount
  }

  private mutating func take(_ event: StreamEvent, _ stream: [UInt8], from start: Int) {
    switch event {
    case .manifestBytes(let range): manifest += stream[start + range.lowerBound..<start + range.upperBound]
    case .fileBytes(let header, let range):
      precondition(!range.isEmpty)
      fileBytes += stream[start + range.lowerBound..<start + range.upperBound]
      let count = UInt64(range.count)
      if let last = files.last, last[0] == UInt64(header.file), last[1] &+ last[2] == header.offset {
        files[files.count - 1][2] += count
      } else {
        files.append([UInt64(header.file), header.offset, count])
      }
    default: frames.append(event)
    }
  }
}
