import Ground

/// Files that lie behind each other in the manifest and that a receiver lacks. Specs/chunked-tcp.md §4.10.
package struct StreamRun: Equatable, Sendable {
  package static let byteCount = 16

  /// The first file's index in the manifest; bytes 0..<4.
  package var file: UInt32
  /// Files, ≥ 1; bytes 4..<8.
  package var count: UInt32
  /// Where the lacking bytes of the first file begin; bytes 8..<16. The run's other files are lacking from
  /// their first byte on.
  package var offset: UInt64

  package init(file: UInt32, count: UInt32, offset: UInt64) {
    self.file = file
    self.count = count
    self.offset = offset
  }

  /// The index behind the last file; at most 2^32.
  package var end: UInt64 { UInt64(file) + UInt64(count) }
}

/// What the receiver lacks of the set, its answer to the manifest. A long answer takes several frames.
/// Specs/chunked-tcp.md §4.10.
package struct StreamRest: StreamBody {
  package static let type = StreamFrameType.rest
  /// Runs of one frame, at most; a frame that is not the last one has as many. So the parser gathers no more
  /// for a rest than for a hello.
  package static let runLimit = 32
  package static let byteCounts = 1...(1 + runLimit * StreamRun.byteCount)

  /// Byte 0: 1 in the last frame of the answer, else 0.
  package var isLast: Bool
  /// Ascending, without overlap; at most `runLimit`.
  package let runs: [StreamRun]

  /// `runs`: at most `runLimit`.
  package init(isLast: Bool, runs: [StreamRun]) {
    precondition(runs.count <= Self.runLimit, "too many runs for a frame")
    self.isLast = isLast
    self.runs = runs
  }

  /// The frames of an answer with these runs, which are ascending and do not overlap.
  package static func frames(_ runs: [StreamRun]) -> [StreamRest] {
    var frames = stride(from: 0, to: runs.count, by: runLimit).map {
      StreamRest(isLast: false, runs: Array(runs[$0..<min(runs.count, $0 + runLimit)]))
    }
    if frames.isEmpty { frames.append(StreamRest(isLast: true, runs: [])) }
    frames[frames.count - 1].isLast = true
    return frames
  }

  package var bodyByteCount: Int { 1 + runs.count * StreamRun.byteCount }

  package init(decoding body: Span<UInt8>) throws(StreamError) {
    guard body[0] <= 1 else { throw .malformed(.rest, field: "last") }
    let (count, rest) = (body.count - 1).quotientAndRemainder(dividingBy: StreamRun.byteCount)
    let isLast = body[0] == 1
    guard rest == 0, isLast || count == Self.runLimit else { throw .malformed(.rest, field: "length") }
    var runs: [StreamRun] = []
    runs.reserveCapacity(count)
    var next: UInt64 = 0
    for index in 0..<count {
      let start = 1 + index * StreamRun.byteCount
      let run = StreamRun(
        file: body.bigEndianUInt32(at: start), count: body.bigEndianUInt32(at: start + 4),
        offset: body.bigEndianUInt64(at: start + 8))
      guard run.count > 0, UInt64(run.file) >= next, run.end <= 1 << 32 else {
        throw .malformed(.rest, field: "run")
      }
      next = run.end
      runs.append(run)
    }
    self.init(isLast: isLast, runs: runs)
  }

  package func write(into body: UnsafeMutableRawBufferPointer) {
    var writer = ByteWriter(body)
    writer.write(UInt8(isLast ? 1 : 0))
    for run in runs {
      writer.write(run.file)
      writer.write(run.count)
      writer.write(run.offset)
    }
  }
}

/// The sender reads bytes that the receiver has, for the digest of their file, and sends nothing meanwhile.
/// Specs/chunked-tcp.md §4.11.
package struct StreamReading: StreamBody {
  package static let type = StreamFrameType.reading

  package init() {}

  package var bodyByteCount: Int { 0 }

  package init(decoding body: Span<UInt8>) throws(StreamError) { self.init() }

  package func write(into body: UnsafeMutableRawBufferPointer) {}
}
