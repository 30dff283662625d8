import Erasure
import Ground

/// A block of random chunks, its code, and what comes back from it.
struct TestBlock {
  let code: BlockCode
  let chunks: [[UInt8]]

  /// The chunks are as long as a symbol, but those that `shortByteCounts` names by their index.
  init(
    chunkCount: Int, byteCount: Int, shortByteCounts: [Int: Int] = [:], seed: UInt64
  ) throws {
    var generator = SplitMix64(seed: seed)
    code = try BlockCode(chunkCount: chunkCount, symbolByteCount: byteCount)
    chunks = (0..<chunkCount).map { index in
      (0..<(shortByteCounts[index] ?? byteCount)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
  }

  /// The parity symbols of these indices; nil when a byte beside one, or of a chunk, was written.
  func parity(_ indices: [Int]) throws -> [[UInt8]]? {
    let sources = chunks.map(GuardedBytes.init)
    let symbols = indices.map { _ in GuardedBytes(count: code.symbolByteCount) }
    try code.encode(
      sources.map { UnsafeRawBufferPointer($0.memory) },
      into: zip(indices, symbols).map { ParityTarget(index: $0, bytes: $1.memory) })
    guard sources.map(\.bytes) == chunks, symbols.allSatisfy(\.areGuardsWhole) else { return nil }
    return symbols.map(\.bytes)
  }

  /// All chunks after those of the indices in `missing` were rebuilt from symbols; nil when a byte beside
  /// one, or of a symbol, was written. With `knowsLengths` false a missing chunk gets the memory of a whole
  /// one.
  func rebuilt(
    missing: Set<Int>, indices: [Int], symbols: [[UInt8]], knowsLengths: Bool = true
  ) throws -> [[UInt8]]? {
    let places = chunks.indices.map { index in
      missing.contains(index)
        ? GuardedBytes(count: knowsLengths ? chunks[index].count : code.symbolByteCount)
        : GuardedBytes(chunks[index])
    }
    let parity = symbols.map(GuardedBytes.init)
    try code.rebuild(
      places.enumerated().map { index, place in
        missing.contains(index) ? .missing(place.memory) : .present(UnsafeRawBufferPointer(place.memory))
      },
      parity: zip(indices, parity).map { ParitySymbol(index: $0, bytes: UnsafeRawBufferPointer($1.memory)) })
    guard parity.map(\.bytes) == symbols, places.allSatisfy(\.areGuardsWhole) else { return nil }
    return places.map(\.bytes)
  }

  /// Whether these symbols give back these chunks.
  func repairs(missing: Set<Int>, by indices: [Int]) throws -> Bool {
    guard let symbols = try parity(indices) else { return false }
    return try rebuilt(missing: missing, indices: indices, symbols: symbols) == chunks
  }
}

/// All subsets of `count` elements, in the order of the elements.
func subsets(of elements: [Int], count: Int) -> [[Int]] {
  guard count > 0 else { return [[]] }
  return elements.indices.flatMap { first in
    subsets(of: Array(elements[(first + 1)...]), count: count - 1).map { [elements[first]] + $0 }
  }
}
