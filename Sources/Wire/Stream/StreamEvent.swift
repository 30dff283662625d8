/// A part of a frame that the parser found in its input.
package enum StreamEvent: Equatable, Sendable {
  case hello(StreamHello)
  case welcome(StreamWelcome)
  /// The manifest's next bytes, where they lie in the input.
  case manifestBytes(Range<Int>)
  /// Bytes of a file that have arrived: their place in the file, and their place in the input; never empty.
  case fileBytes(StreamDataHeader, Range<Int>)
  case digest(StreamDigest)
  case end(StreamEnd)
  case complete(StreamComplete)
  case abort(StreamAbort)
  case report(StreamReport)
  case rest(StreamRest)
  case reading

  /// The type of the frame that the bytes belong to.
  package var type: StreamFrameType {
    switch self {
    case .hello: .hello
    case .welcome: .welcome
    case .manifestBytes: .manifest
    case .fileBytes: .data
    case .digest: .digest
    case .end: .end
    case .complete: .complete
    case .abort: .abort
    case .report: .report
    case .rest: .rest
    case .reading: .reading
    }
  }
}
