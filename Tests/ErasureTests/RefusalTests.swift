import Erasure
import Testing

/// Numbers that a datagram may carry, or that nobody should come up with: each is refused before a byte is
/// written.
@Suite struct RefusalTests {
  private static let hostile = [Int.min, -1, 256, 65_536, 1 << 32, Int.max]

  @Test(arguments: hostile + [0, 201, 255]) func chunkCounts(chunkCount: Int) {
    #expect(throws: ErasureError.chunkCountOutOfRange(chunkCount)) {
      try BlockCode(chunkCount: chunkCount, symbolByteCount: 10)
    }
  }

  @Test(arguments: [Int.min, -1, 0, 65_536, 1 << 32, Int.max]) func symbolLengths(byteCount: Int) {
    #expect(throws: ErasureError.symbolByteCountOutOfRange(byteCount)) {
      try BlockCode(chunkCount: 10, symbolByteCount: byteCount)
    }
  }

  @Test(arguments: hostile + [245]) func symbolIndices(index: Int) throws {
    try expectRefusal(.symbolIndexOutOfRange(index)) { code, chunks, place in
      try code.encode(chunks, into: [ParityTarget(index: index, bytes: place)])
    }
    try expectRefusal(.symbolIndexOutOfRange(index)) { code, chunks, place in
      try code.add(chunks[0], at: 0, to: [ParityTarget(index: index, bytes: place)])
    }
    try expectRefusal(.symbolIndexOutOfRange(index)) { code, chunks, place in
      try code.rebuild(
        [.missing(place)] + chunks.dropFirst().map { .present($0) },
        parity: [ParitySymbol(index: index, bytes: chunks[0])])
    }
  }

  @Test(arguments: hostile + [10]) func chunkIndices(index: Int) throws {
    try expectRefusal(.chunkIndexOutOfRange(index)) { code, chunks, place in
      try code.add(chunks[0], at: index, to: [ParityTarget(index: 0, bytes: place)])
    }
  }

  @Test(arguments: [0, 1, 9, 11]) func numbersOfChunks(count: Int) throws {
    try expectRefusal(.chunkCountDiffers(expected: 10, given: count)) { code, chunks, place in
      try code.encode(
        Array((chunks + chunks).prefix(count)), into: [ParityTarget(index: 0, bytes: place)])
    }
    try expectRefusal(.chunkCountDiffers(expected: 10, given: count)) { code, chunks, _ in
      try code.rebuild((chunks + chunks).prefix(count).map { .present($0) }, parity: [])
    }
  }

  @Test(arguments: [0, 31, 33]) func lengthsOfSymbols(byteCount: Int) throws {
    let other = GuardedBytes(count: byteCount)
    let error = ErasureError.symbolByteCountDiffers(symbolIndex: 4, byteCount: byteCount)
    try expectRefusal(error) { code, chunks, place in
      try code.encode(
        chunks, into: [ParityTarget(index: 0, bytes: place), ParityTarget(index: 4, bytes: other.memory)])
    }
    try expectRefusal(error) { code, chunks, place in
      try code.rebuild(
        [.missing(place)] + chunks.dropFirst().map { .present($0) },
        parity: [ParitySymbol(index: 4, bytes: UnsafeRawBufferPointer(other.memory))])
    }
    #expect(other.bytes == GuardedBytes(count: byteCount).bytes)
  }

  @Test func chunksLongerThanASymbol() throws {
    let long = GuardedBytes(count: 33)
    let error = ErasureError.chunkTooLong(chunkIndex: 9, byteCount: 33)
    let longBytes = UnsafeRawBufferPointer(long.memory)
    try expectRefusal(error) { code, chunks, place in
      try code.encode(chunks.dropLast() + [longBytes], into: [ParityTarget(index: 0, bytes: place)])
    }
    try expectRefusal(error) { code, _, place in
      try code.add(longBytes, at: 9, to: [ParityTarget(index: 0, bytes: place)])
    }
    for last in [BlockChunk.present(longBytes), .missing(long.memory)] {
      try expectRefusal(error) { code, chunks, place in
        try code.rebuild(
          [.missing(place)] + chunks[1..<9].map { .present($0) } + [last],
          parity: (0..<2).map { ParitySymbol(index: $0, bytes: chunks[0]) })
      }
    }
    #expect(long.bytes == GuardedBytes(count: 33).bytes)
  }

  @Test func tooFewSymbols() throws {
    try expectRefusal(.tooFewSymbols(needed: 1, given: 0)) { code, chunks, place in
      try code.rebuild([.missing(place)] + chunks.dropFirst().map { .present($0) }, parity: [])
    }
  }

  @Test func oneSymbolTwice() throws {
    let other = GuardedBytes(count: 32)
    try expectRefusal(.symbolGivenTwice(8)) { code, chunks, place in
      try code.rebuild(
        [.missing(place), .missing(other.memory)] + chunks.dropFirst(2).map { .present($0) },
        parity: [8, 8].map { ParitySymbol(index: $0, bytes: chunks[0]) })
    }
    #expect(other.bytes == GuardedBytes(count: 32).bytes)
  }

  /// Of a code of ten chunks of 32 bytes; `attempt` gets them, and memory that must stay as it is.
  private func expectRefusal(
    _ error: ErasureError,
    _ attempt: (BlockCode, [UnsafeRawBufferPointer], UnsafeMutableRawBufferPointer) throws -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let code = try BlockCode(chunkCount: 10, symbolByteCount: 32)
    let chunks = (0..<10).map { _ in GuardedBytes(count: 32) }
    let place = GuardedBytes([UInt8](repeating: 0x77, count: 32))
    let before = (chunks + [place]).map(\.bytes)
    #expect(throws: error, sourceLocation: sourceLocation) {
      try attempt(code, chunks.map { UnsafeRawBufferPointer($0.memory) }, place.memory)
    }
    #expect((chunks + [place]).map(\.bytes) == before, sourceLocation: sourceLocation)
  }
}
