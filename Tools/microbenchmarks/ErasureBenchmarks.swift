import Erasure

/// Parity of one block, over and over: its 92 kB lie in the second-level cache, as after reading or receiving
/// them.
enum ErasureBenchmarks {
  static let all = [encode, decode]

  private static let chunkCount = 64
  private static let missingCount = 4

  static let encode = Benchmark(name: "erasure-encode", unit: "parity symbol of 64 chunks of 1,440 bytes") {
    count in
    var parity = [UInt8](repeating: 0, count: CodecBenchmarks.payloadByteCount)
    let block = CodecBenchmarks.noise(chunkCount * CodecBenchmarks.payloadByteCount)
    return {
      var sum: UInt64 = 0
      block.withUnsafeBytes { block in
        parity.withUnsafeMutableBytes { parity in
          let chunks = (0..<chunkCount).map { UnsafeRawBufferPointer(rebasing: block[range($0)]) }
          for i in 0..<count {
            try? code?.encode(chunks, into: [ParityTarget(index: i % 16, bytes: parity)])
            sum &+= UInt64(parity[i % parity.count])
          }
        }
      }
      return sum
    }
  }

  /// The missing chunks lie in the middle, at the ends and in between; the parity symbols are not the first.
  static let decode = Benchmark(
    name: "erasure-decode", unit: "block of 64 chunks of 1,440 bytes, 4 missing"
  ) { count in
    var block = CodecBenchmarks.noise(chunkCount * CodecBenchmarks.payloadByteCount)
    var parity = [UInt8](repeating: 0, count: missingCount * CodecBenchmarks.payloadByteCount)
    return {
      var sum: UInt64 = 0
      block.withUnsafeMutableBytes { block in
        parity.withUnsafeMutableBytes { parity in
          let chunks = (0..<chunkCount).map { UnsafeRawBufferPointer(rebasing: block[range($0)]) }
          let targets = (0..<missingCount).map {
            ParityTarget(index: 3 + 5 * $0, bytes: UnsafeMutableRawBufferPointer(rebasing: parity[range($0)]))
          }
          try? code?.encode(chunks, into: targets)
          let symbols = targets.map { ParitySymbol(index: $0.index, bytes: UnsafeRawBufferPointer($0.bytes)) }
          let holed = (0..<chunkCount).map { index -> BlockChunk in
            index % 21 == 0
              ? .missing(UnsafeMutableRawBufferPointer(rebasing: block[range(index)]))
              : .present(chunks[index])
          }
          for i in 0..<count {
            try? code?.rebuild(holed, parity: symbols)
            sum &+= UInt64(block[i % block.count])
          }
        }
      }
      return sum
    }
  }

  private static let code = try? BlockCode(
    chunkCount: chunkCount, symbolByteCount: CodecBenchmarks.payloadByteCount)

  private static func range(_ index: Int) -> Range<Int> {
    let start = index * CodecBenchmarks.payloadByteCount
    return start..<start + CodecBenchmarks.payloadByteCount
  }
}
