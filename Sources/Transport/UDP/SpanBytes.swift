import FileSet
import Wire

/// The chunks of the spans that symbols were made of last, at the sender. All blocks of a span are usually
/// asked for at the same time, and again soon. So a span is read once, by few system calls, and not chunk by
/// chunk for each block.
struct SpanBytes {
  /// Bytes of all spans, at most. The chunks of a longer span are read block by block.
  private static let byteCountLimit = 16 << 20

  private struct Span {
    var first: UInt64
    var bytes: [UInt8]
  }

  private let chunkByteCount: Int
  /// The newest last.
  private var spans: [Span] = []
  private var block: [UInt8] = []
  private var checksums: [UInt32] = []
  private var hint = 0

  init(chunkByteCount: Int) { self.chunkByteCount = chunkByteCount }

  /// Gives the chunks of a block, in order. Nil when a file of the block is not what its first chunks were
  /// read from.
  mutating func withChunks<Value>(
    of block: BlockGeometry.Block, _ geometry: BlockGeometry, _ source: SetSource,
    _ body: ([UnsafeRawBufferPointer]) -> Value
  ) -> Value? {
    let (first, end) = geometry.span(of: block)
    let isKept = Int(end - first) * chunkByteCount <= Self.byteCountLimit
    if isKept { keep(first..<end, source) } else { read(block, source) }
    guard let byteCounts = byteCounts(of: block, source) else { return nil }
    let bytes = isKept ? spans.last?.bytes ?? [] : self.block
    let column = isKept ? Int(block.firstChunk - first) : 0
    let stride = isKept ? block.stride : 1
    return bytes.withUnsafeBytes { bytes in
      body(
        byteCounts.enumerated().map { row, byteCount in
          let start = (column + row * stride) * chunkByteCount
          return UnsafeRawBufferPointer(rebasing: bytes[start..<start + byteCount])
        })
    }
  }

  /// Makes a span the newest, and reads it if it is not here.
  private mutating func keep(_ chunks: Range<UInt64>, _ source: SetSource) {
    if let index = spans.firstIndex(where: { $0.first == chunks.lowerBound }) {
      if index + 1 < spans.count { spans.append(spans.remove(at: index)) }
      return
    }
    let byteCount = chunks.count * chunkByteCount
    var kept = spans.reduce(byteCount) { $0 + $1.bytes.count }
    while kept > Self.byteCountLimit, let oldest = spans.first {
      kept -= oldest.bytes.count
      spans.removeFirst()
    }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    bytes.withUnsafeMutableBytes { read(UInt32(chunks.lowerBound), count: chunks.count, to: $0, source) }
    spans.append(Span(first: chunks.lowerBound, bytes: bytes))
    check(UInt32(chunks.upperBound - 1), source)
  }

  private mutating func read(_ block: BlockGeometry.Block, _ source: SetSource) {
    let size = chunkByteCount
    if self.block.count < block.chunkCount * size {
      self.block = Array(repeating: 0, count: block.chunkCount * size)
    }
    for (row, chunk) in block.chunks.enumerated() {
      var bytes: [UInt8] = []
      swap(&bytes, &self.block)
      bytes.withUnsafeMutableBytes {
        read(
          UInt32(chunk), count: 1,
          to: UnsafeMutableRawBufferPointer(rebasing: $0[row * size..<(row + 1) * size]), source)
      }
      swap(&bytes, &self.block)
      check(UInt32(chunk), source)
    }
  }

  private mutating func read(
    _ first: UInt32, count: Int, to buffer: UnsafeMutableRawBufferPointer, _ source: SetSource
  ) {
    checksums.removeAll(keepingCapacity: true)
    source.read(
      first: first, count: count, into: buffer, stride: chunkByteCount, payloadOffset: 0,
      checksums: &checksums)
  }

  /// A file is looked at when its last bytes are read. The file of this chunk ends later.
  private mutating func check(_ chunk: UInt32, _ source: SetSource) {
    if case .file(let file) = source.layout.run(from: chunk, limit: 1, hint: &hint).kind {
      _ = source.isUnchanged(file)
    }
  }

  /// Nil when a file of the block failed.
  private mutating func byteCounts(of block: BlockGeometry.Block, _ source: SetSource) -> [Int]? {
    var byteCounts: [Int] = []
    let layout = source.layout
    for chunk in block.chunks {
      let place = layout.run(from: UInt32(chunk), limit: 1, hint: &hint)
      if case .file(let file) = place.kind, source.hasFailed(file) { return nil }
      byteCounts.append(place.byteCount)
    }
    return byteCounts
  }
}
