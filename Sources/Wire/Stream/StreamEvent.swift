/// What the parser found in the bytes it was given.
package enum StreamEvent: Equatable, Sendable {
  case hello(StreamHello)
  case welcome(StreamWelcome)
  /// The manifest's next bytes, where they lie in the input.
  case manifestBytes(Range<Int>)
  /// A piece of a file as far as it has arrived: where it belongs, and where it lies in the input; never empty.
  case fileBytes(StreamDataHeader, Range<Int>)
  case digest(StreamDigest)
  case end(StreamEnd)
  case complete(StreamComplete)
  case abort(StreamAbort)
  case report(StreamReport)

  /// The type of the frame that it came in.
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
    }
  }
}
