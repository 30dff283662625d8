/// The type of a frame, the byte behind its length; Specs/chunked-tcp.md §4.
package enum StreamFrameType: UInt8, CaseIterable, Sendable {
  /// Sender → receiver: describes the set.
  case hello = 1
  /// Receiver → sender: accepts the set.
  case welcome = 2
  /// A piece of the manifest's bytes.
  case manifest = 3
  /// A piece of a file.
  case data = 4
  /// A file's CRC32: all of it is sent.
  case digest = 5
  /// All files are sent.
  case end = 6
  /// Receiver → sender: the outcome.
  case complete = 7
  /// Either way: the session is over, and why.
  case abort = 8
  /// Receiver → sender: how far it is.
  case report = 9
  /// Receiver → sender: what it lacks of the set.
  case rest = 10
  /// Sender → receiver: it reads bytes that the receiver has.
  case reading = 11

  /// The lengths that a body may have, bytes. A hello and a welcome of another version may be longer: only
  /// magic and version at their beginning are the same in every version.
  package var bodyByteCounts: ClosedRange<Int> {
    switch self {
    case .hello, .welcome: 5...StreamLimits.greetingByteCount
    case .manifest: 1...StreamLimits.pieceByteCount
    case .data: (StreamDataHeader.byteCount + 1)...(StreamDataHeader.byteCount + StreamLimits.pieceByteCount)
    case .digest: StreamDigest.byteCount...StreamDigest.byteCount
    case .end: StreamEnd.byteCount...StreamEnd.byteCount
    case .complete: 10...(10 + StreamComplete.maxTextByteCount)
    case .abort: 2...(2 + StreamAbort.maxTextByteCount)
    case .report: StreamReport.byteCount...StreamReport.byteCount
    case .rest: StreamRest.byteCounts
    case .reading: 0...0
    }
  }
}

/// The protocol's limits; Specs/chunked-tcp.md §7.
package enum StreamLimits {
  /// "GLRY": the start of a connection of this protocol in both directions, behind the first frame's length
  /// and type.
  package static let magic: UInt32 = 0x474C_5259
  package static let version: UInt8 = 2
  /// Length and type, bytes.
  package static let frameHeaderByteCount = 5
  /// File or manifest bytes in one frame.
  package static let pieceByteCount = 1 << 20
  /// The sender fills buffers of this size with whole frames. A large file then goes in few system calls, and
  /// the processor's cache still has the bytes when the kernel copies them.
  package static let bufferByteCount = pieceByteCount
  /// The sender reads files in units of this size; the last unit of a file is the rest.
  package static let unitByteCount = SetShape.chunkByteCounts.upperBound
  /// The longest body of a hello or a welcome of any version.
  package static let greetingByteCount = 512
  /// The largest value of a frame's length field: type and body.
  package static let frameLength = 1 + StreamDataHeader.byteCount + pieceByteCount
}
