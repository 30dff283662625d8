import FileSet
import Wire

/// The chunks of the spans whose blocks were rebuilt last, at a receiver, as far as they were here. All
/// blocks of a span usually lack chunks, and are rebuilt at about the same time. So a span is read back once,
/// by few system calls, and not chunk by chunk for each block.
struct HeldSpans {
  /// Bytes of all spans, at most. The chunks of a longer span are read back one by one.
  private let byteCountLimit: Int

  /// Its memory is used again for another span: new memory costs the kernel a page fault for each 4 KiB.
  private final class Span {
    var chunks: Range<UInt64> = 0..<0
    let bytes: UnsafeMutableRawBufferPointer
    /// Of each chunk; 0 when it was not here. Only these bytes were written.
    var byteCounts: [Int] = []

    init(byteCount: Int) { bytes = .allocate(byteCount: byteCount, alignment: 64) }
    deinit { bytes.deallocate() }
  }

  /// The newest last.
  private var spans: [Span] = []
  /// Memory of the spans that are whole. It is taken first, the newest before the others: the processor's
  /// caches still have it.
  private var spare: [Span] = []

  init(byteCountLimit: Int) { self.byteCountLimit = byteCountLimit }

  /// Reads back what is here of a span, unless that was done. `missing`: the chunks that are not here,
  /// ascending.
  mutating func keep(_ chunks: Range<UInt64>, missing: [UInt64], of files: ReceivedSet) {
    let byteCount = chunks.count * files.shape.chunkByteCount
    guard files.layout != nil, byteCount <= byteCountLimit,
      !spans.contains(where: { $0.chunks.lowerBound == chunks.lowerBound })
    else { return }
    let span = takeMemory(byteCount: byteCount)
    span.chunks = chunks
    span.byteCounts = Array(repeating: 0, count: chunks.count)
    var next = chunks.lowerBound
    for hole in missing + [chunks.upperBound] {
      if next < hole { Self.read(next..<hole, of: files, to: span) }
      next = hole + 1
    }
    spans.append(span)
  }

  /// The span that begins with `firstChunk` lacks nothing more.
  mutating func noteWhole(_ firstChunk: UInt64) {
    guard let place = spans.lastIndex(where: { $0.chunks.lowerBound == firstChunk }) else { return }
    spare.append(spans.remove(at: place))
  }

  /// That of a span that is whole, or of the oldest ones when there is no room for more.
  private mutating func takeMemory(byteCount: Int) -> Span {
    if let fitting = spare.popLast(), fitting.bytes.count >= byteCount { return fitting }
    spare = []
    var kept = spans.reduce(byteCount) { $0 + $1.bytes.count }
    while kept > byteCountLimit, let oldest = spans.first {
      spans.removeFirst()
      if oldest.bytes.count >= byteCount { return oldest }
      kept -= oldest.bytes.count
    }
    return Span(byteCount: byteCount)
  }

  private static func read(_ chunks: Range<UInt64>, of files: ReceivedSet, to span: Span) {
    let size = files.shape.chunkByteCount
    let start = Int(chunks.lowerBound - span.chunks.lowerBound)
    files.readBack(
      first: UInt32(chunks.lowerBound), count: chunks.count,
      into: UnsafeMutableRawBufferPointer(
        rebasing: span.bytes[(start * size)..<((start + chunks.count) * size)])
    ) { span.byteCounts[start + $0] = $1 }
  }

  /// The bytes of a chunk, valid until the next `keep`; nil when it is not here.
  func bytes(of chunk: UInt64, chunkByteCount: Int) -> UnsafeRawBufferPointer? {
    guard let span = spans.last(where: { $0.chunks.contains(chunk) }) else { return nil }
    let place = Int(chunk - span.chunks.lowerBound)
    guard span.byteCounts[place] > 0 else { return nil }
    let start = place * chunkByteCount
    return UnsafeRawBufferPointer(rebasing: span.bytes[start..<start + span.byteCounts[place]])
  }
}
