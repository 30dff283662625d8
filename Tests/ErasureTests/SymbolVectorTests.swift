import Erasure
import Foundation
import Testing

/// Specs/vectors/symbols.hex, which was written without ISA-L: the symbols of its block, and back.
@Suite struct SymbolVectorTests {
  private struct Block {
    var chunks: [[UInt8]] = []
    var symbols: [(index: Int, bytes: [UInt8])] = []
    var byteCount = 0

    init() throws {
      let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Specs/vectors/symbols.hex")
      let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      var fields: [String: [Int]] = [:]
      var bytes: [UInt8] = []
      for line in lines.map({ $0.prefix { $0 != "#" } }) {
        let parts = line.split(separator: "=")
        if parts.count == 2 {
          let key = parts[0].trimmingCharacters(in: .whitespaces)
          fields[key] = parts[1].split(separator: " ").compactMap { Int($0) }
        } else {
          bytes += line.split(separator: " ").compactMap { UInt8($0, radix: 16) }
        }
      }
      byteCount = try #require(fields["chunkByteCount"]?.first)
      var rest = bytes[...]
      for count in try #require(fields["payloadByteCounts"]) {
        chunks.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      for index in try #require(fields["symbolIndices"]) {
        symbols.append((index, Array(rest.prefix(byteCount))))
        rest = rest.dropFirst(byteCount)
      }
      #expect(rest.isEmpty && chunks.count == 5 && symbols.count == 4)
    }
  }

  @Test func theSymbolsAreThoseOfTheVector() throws {
    let block = try Block()
    let code = try BlockCode(chunkCount: block.chunks.count, symbolByteCount: block.byteCount)
    let sources = block.chunks.map(GuardedBytes.init)
    let made = block.symbols.map { _ in GuardedBytes(count: block.byteCount) }
    try code.encode(
      sources.map { UnsafeRawBufferPointer($0.memory) },
      into: zip(block.symbols, made).map { ParityTarget(index: $0.index, bytes: $1.memory) })
    #expect(made.map(\.bytes) == block.symbols.map(\.bytes))
  }

  /// Four of the five chunks, the short one among them, come back from the four symbols.
  @Test func theChunksComeBack() throws {
    let block = try Block()
    let code = try BlockCode(chunkCount: block.chunks.count, symbolByteCount: block.byteCount)
    let symbols = block.symbols.map { GuardedBytes($0.bytes) }
    let present = GuardedBytes(block.chunks[2])
    let rebuilt = block.chunks.map { GuardedBytes(count: $0.count) }
    try code.rebuild(
      rebuilt.indices.map {
        $0 == 2 ? .present(UnsafeRawBufferPointer(present.memory)) : .missing(rebuilt[$0].memory)
      },
      parity: zip(block.symbols, symbols).map {
        ParitySymbol(index: $0.index, bytes: UnsafeRawBufferPointer($1.memory))
      })
    for index in [0, 1, 3, 4] { #expect(rebuilt[index].bytes == block.chunks[index]) }
  }
}
