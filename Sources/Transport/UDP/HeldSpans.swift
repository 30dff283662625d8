import FileSet
import Wire

/// The chunks of the spans whose blocks were rebuilt last, at a receiver, as far as they were here. All
/// blocks of a span usually lack chunks, and are rebuilt at about the same time. So a span is read back once,
/// by few system calls, and not chunk by chunk for each block.
struct HeldSpans {
  /// Bytes of all spans, at most. The chunks of a longer span are read back one by one.
  private static let byteCountLimit = 16 << 20

  private struct Span {
    var first: UInt64
    var bytes: [UInt8]
    /// Of each chunk; 0 when it was not here.
    var byteCounts: [Int]
  }

  /// The newest last.
  private var spans: [Span] = []

  /// Reads back what is here of a span, unless that was done. `missing`: the chunks that are not here,
  /// ascending.
  mutating func keep(_ chunks: Range<UInt64>, missing: () -> [UInt64], of files: ReceivedSet) {
    let size = files.shape.chunkByteCount
    let byteCount = chunks.count * size
    guard files.layout != nil, byteCount <= Self.byteCountLimit,
      !spans.contains(where: { $0.first == chunks.lowerBound })
    else { return }
    var kept = spans.reduce(byteCount) { $0 + $1.bytes.count }
    while kept > Self.byteCountLimit, let oldest = spans.first {
      kept -= oldest.bytes.count
      spans.removeFirst()
    }
    var span = Span(
      first: chunks.lowerBound, bytes: Array(repeating: 0, count: byteCount),
      byteCounts: Array(repeating: 0, count: chunks.count))
    var next = chunks.lowerBound
    for hole in missing() + [chunks.upperBound] {
      if next < hole { Self.read(next..<hole, of: files, to: &span) }
      next = hole + 1
    }
    spans.append(span)
  }

  private static func read(_ chunks: Range<UInt64>, of files: ReceivedSet, to span: inout Span) {
    let size = files.shape.chunkByteCount
    let start = Int(chunks.lowerBound - span.first)
    var byteCounts: [Int] = []
    swap(&byteCounts, &span.byteCounts)
    span.bytes.withUnsafeMutableBytes { bytes in
      files.readBack(
        first: UInt32(chunks.lowerBound), count: chunks.count,
        into: UnsafeMutableRawBufferPointer(rebasing: bytes[(start * size)..<((start + chunks.count) * size)])
      ) { byteCounts[start + $0] = $1 }
    }
    swap(&byteCounts, &span.byteCounts)
  }

  /// Copies a chunk. Returns its length; nil when it is not here.
  func copy(_ chunk: UInt64, chunkByteCount: Int, to buffer: UnsafeMutableRawBufferPointer) -> Int? {
    for span in spans.reversed()
    where chunk >= span.first && chunk - span.first < UInt64(span.byteCounts.count) {
      let place = Int(chunk - span.first)
      let byteCount = span.byteCounts[place]
      guard byteCount > 0 else { return nil }
      let start = place * chunkByteCount
      span.bytes[start..<start + byteCount].withUnsafeBytes { buffer.copyMemory(from: $0) }
      return byteCount
    }
    return nil
  }
}
