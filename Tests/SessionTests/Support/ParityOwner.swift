import Erasure
import Wire

/// What an owner does with symbols, with real bytes: it keeps them, and rebuilds the chunks of a block. Each
/// chunk of a test's set has known bytes, so a wrong one is seen.
struct ParityOwner {
  private static let byteCount = 24

  private let geometry: BlockGeometry?
  private var symbols: [UInt64: [ParityHeader]] = [:]
  /// Chunks that were rebuilt, and those of them that were wrong.
  private(set) var rebuiltCount = 0
  private(set) var wrongCount = 0

  init(_ geometry: BlockGeometry?) { self.geometry = geometry }

  mutating func keep(_ parity: ParityHeader) {
    guard let block = geometry?.block(of: parity) else { return }
    symbols[block, default: []].append(parity)
  }

  /// Returns the chunks that were missing.
  mutating func rebuild(_ index: UInt64, held: Set<UInt32>) -> [UInt32] {
    guard let block = geometry?[index] else { return [] }
    let missing = block.chunks.map { UInt32($0) }.filter { !held.contains($0) }
    let rebuilt = Self.rebuilt(block, symbols[index] ?? [], missing: missing)
    symbols[index] = nil
    rebuiltCount += missing.count
    wrongCount += zip(missing, rebuilt).count { Self.bytes(of: $0) != $1 } + missing.count - rebuilt.count
    return missing
  }

  /// Chunk 1, the end of the manifest, is shorter than the others.
  private static func bytes(of chunk: UInt32) -> [UInt8] {
    (0..<(chunk == 1 ? 5 : byteCount)).map {
      UInt8(truncatingIfNeeded: Int(chunk) * 89 + $0 * (Int(chunk) + 7))
    }
  }

  /// The missing chunks from all others and the symbols; none when these are not enough.
  private static func rebuilt(
    _ block: BlockGeometry.Block, _ parity: [ParityHeader], missing: [UInt32]
  ) -> [[UInt8]] {
    let chunks = block.chunks.map { UInt32($0) }
    let memory = chunks.map { Memory(bytes(of: $0)) }
    let made = parity.map { _ in Memory([UInt8](repeating: 0, count: byteCount)) }
    let rebuilt = chunks.map { Memory([UInt8](repeating: 0, count: bytes(of: $0).count)) }
    do {
      let code = try BlockCode(chunkCount: block.chunkCount, symbolByteCount: byteCount)
      try code.encode(
        memory.map { UnsafeRawBufferPointer($0.bytes) },
        into: zip(parity, made).map { ParityTarget(index: Int($0.symbolIndex), bytes: $1.bytes) })
      try code.rebuild(
        chunks.indices.map {
          missing.contains(chunks[$0])
            ? .missing(rebuilt[$0].bytes) : .present(UnsafeRawBufferPointer(memory[$0].bytes))
        },
        parity: zip(parity, made).map {
          ParitySymbol(index: Int($0.symbolIndex), bytes: UnsafeRawBufferPointer($1.bytes))
        })
    } catch { return [] }
    // The code reads this memory by its addresses alone.
    withExtendedLifetime((memory, made)) {}
    return chunks.indices.filter { missing.contains(chunks[$0]) }.map { Array(rebuilt[$0].bytes) }
  }

  private final class Memory {
    let bytes: UnsafeMutableRawBufferPointer
    init(_ contents: [UInt8]) {
      bytes = .allocate(byteCount: contents.count, alignment: 16)
      bytes.copyBytes(from: contents)
    }
    deinit { bytes.deallocate() }
  }
}
