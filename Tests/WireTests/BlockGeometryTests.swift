import Ground
import Testing
import Wire

@Suite struct BlockGeometryTests {
  /// Total, k and stride, from one chunk to the largest set.
  private static let sets: [(UInt64, Int, Int)] = [
    (1, 1, 1), (1, 200, 255), (2, 200, 255), (29, 4, 3), (12, 4, 3), (13, 4, 3), (700, 64, 16),
    (1_024, 64, 16), (1_025, 64, 16), (2_047, 64, 16), (65_536, 200, 255), (5_000, 1, 7), (5_000, 200, 1),
  ]

  private static func geometry(_ set: (UInt64, Int, Int)) throws -> BlockGeometry {
    try #require(
      BlockGeometry(
        chunkCount: set.0, blockChunkCount: set.1, maxSymbolCount: 255 - set.1, stride: set.2))
  }

  @Test(arguments: ["29/4/3", "13/4/3", "700/64/16"])
  func agreesWithTheVectors(name: String) throws {
    let numbers = name.split(separator: "/").compactMap { Int($0) }
    let geometry = try Self.geometry((UInt64(numbers[0]), numbers[1], numbers[2]))
    let expected = try Vector("blocks").tuples("blocks" + name).map {
      BlockGeometry.Block(firstChunk: $0[0], chunkCount: Int($0[1]), stride: Int($0[2]))
    }
    #expect((0..<geometry.blockCount).map { geometry[$0] } == expected)
  }

  /// Each chunk is in one block, and both ways of asking agree.
  @Test(arguments: sets)
  func everyChunkHasOneBlock(set: (UInt64, Int, Int)) throws {
    let geometry = try Self.geometry(set)
    var seen = 0 as UInt64
    for index in 0..<geometry.blockCount {
      let block = geometry[index]
      #expect((1...set.1).contains(block.chunkCount) && (1...set.2).contains(block.stride))
      #expect(geometry.block(beginningAt: block.firstChunk) == index)
      for (row, chunk) in block.chunks.enumerated() {
        #expect(geometry.block(of: chunk) == index && geometry.row(of: chunk) == row)
        seen += 1
      }
      #expect(geometry.spanEnd(of: block.firstChunk) > block.lastChunk)
    }
    #expect(seen == set.0)
  }

  /// Only the first chunk of a block begins one.
  @Test func otherChunksBeginNoBlock() throws {
    let geometry = try Self.geometry((29, 4, 3))
    let begin = (0..<40 as Range<UInt64>).filter { geometry.block(beginningAt: $0) != nil }
    #expect(begin == [0, 1, 2, 12, 13, 14, 24, 25])
  }

  /// The blocks at the end of the largest set. 2^32 is no multiple of 200 · 255.
  @Test(arguments: [(1, 1), (64, 16), (200, 255), (199, 254)])
  func theLargestSetHasALastBlock(k: Int, stride: Int) throws {
    let total = ChunkRange.sequenceSpace
    let geometry = try Self.geometry((total, k, stride))
    #expect(geometry.blockCount == (total + UInt64(k) - 1) / UInt64(k))
    let last = geometry[geometry.blockCount - 1]
    #expect(last.lastChunk < total)
    for chunk in [0, 1, total / 2, total - 2, total - 1] {
      let index = geometry.block(of: chunk)
      #expect(index < geometry.blockCount)
      let block = geometry[index]
      #expect(block.firstChunk + UInt64(geometry.row(of: chunk) * block.stride) == chunk)
      #expect(geometry.row(of: chunk) < block.chunkCount)
    }
    #expect(geometry.spanEnd(of: total - 1) == total)
  }

  @Test(arguments: [
    (0, 1, 0, 1), ((1 << 32) + 1, 1, 0, 1), (1, 0, 0, 1), (1, 201, 0, 1), (1, 1, 0, 0), (1, 1, 0, 256),
    (1, 200, 56, 1), (1, 1, -1, 1),
  ])
  func refusesNumbersOutOfRange(total: UInt64, k: Int, parity: Int, stride: Int) {
    #expect(
      BlockGeometry(chunkCount: total, blockChunkCount: k, maxSymbolCount: parity, stride: stride) == nil)
  }

  /// A parity header names a block of the set and a symbol that the block has, or nothing.
  @Test(
    arguments: [
      (0, 0, 4, 3, 0), (0, 8, 4, 3, 0), (25, 0, 2, 2, 7), (24, 8, 3, 2, 6),
      (0, 9, 4, 3, nil), (0, 0, 3, 3, nil), (0, 0, 4, 2, nil), (3, 0, 4, 3, nil), (29, 0, 1, 1, nil),
      (26, 0, 2, 2, nil),
    ] as [(UInt32, UInt8, UInt8, UInt8, UInt64?)])
  func namesABlockByItsHeader(first: UInt32, symbol: UInt8, k: UInt8, stride: UInt8, block: UInt64?) throws {
    let geometry = try #require(
      BlockGeometry(chunkCount: 29, blockChunkCount: 4, maxSymbolCount: 9, stride: 3))
    let header = ParityHeader(
      firstChunk: first, timestamp: 0, grttCode: GrttCode(rawValue: 0), symbolIndex: symbol,
      blockChunkCount: k, blockStride: stride)
    #expect(geometry.block(of: header) == block)
  }
}
