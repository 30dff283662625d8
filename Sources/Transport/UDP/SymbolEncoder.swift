import Checksum
import Erasure
package import FileSet
package import Ground
import NIOCore
package import Session
import Wire

/// Turns a train of symbols into datagrams, at the sender. The chunks of a block are read once for several of
/// its symbols, because the block usually needs some more soon.
package struct SymbolEncoder {
  /// Symbols of a block that are made together. Six cost about as much as one; the reading costs most.
  private static let symbolsAtOnce = 8
  /// Bytes of symbols that were made and did not leave yet, at most.
  private static let byteCountLimit = 16 << 20

  /// Successive symbols of a block, one behind the other.
  private struct Made {
    var first: Int
    var count: Int
    var bytes: [UInt8]
  }

  let sessionID: UInt64
  private let symbolByteCount: Int
  private var made: [UInt64: Made] = [:]
  private var madeByteCount = 0
  private var chunks: [UInt8] = []
  private var checksums: [UInt32] = []
  private var hint = 0
  /// Bytes of the train encoded last.
  private(set) var encodedByteCount: UInt64 = 0

  package init(sessionID: UInt64, chunkByteCount: Int) {
    self.sessionID = sessionID
    symbolByteCount = chunkByteCount
  }

  /// Encodes a train; the pieces in order. `maxSymbolCount` is the announced one.
  ///
  /// A block with a file that changed while it was sent has no right symbols: receivers have its bytes from
  /// before. Chunks of the block, one after the other, take their places.
  package mutating func encode(
    _ train: SymbolTrain, from source: SetSource, maxSymbolCount: Int, now: Instant
  ) -> [TrainEncoder.Piece] {
    var buffer = ByteBufferAllocator().buffer(
      capacity: train.symbolCount * (symbolByteCount + ParityHeader.byteCount))
    var lengths: [Int] = []
    var packet = train.firstPacketNumber
    for run in train.runs {
      for symbol in run.firstSymbol..<run.firstSymbol + run.count {
        let start = buffer.writerIndex
        let header = Header(packet: UInt32(truncatingIfNeeded: packet), now: now, grttCode: train.grttCode)
        if prepare(symbol, run, source, maxSymbolCount: maxSymbolCount) {
          write(symbol, run, header, to: &buffer)
        } else {
          write(chunk(symbol, run), source, header, to: &buffer)
        }
        lengths.append(buffer.writerIndex - start)
        packet += 1
      }
    }
    encodedByteCount = UInt64(buffer.readableBytes)
    return TrainEncoder.pieces(of: buffer, lengths)
  }

  private struct Header {
    let packet: UInt32
    let now: Instant
    let grttCode: GrttCode
  }

  private mutating func write(_ symbol: Int, _ run: SymbolRun, _ header: Header, to buffer: inout ByteBuffer)
  {
    guard let made = made[run.index] else { return }
    let start = (symbol - made.first) * symbolByteCount
    made.bytes[start..<start + symbolByteCount].withUnsafeBytes { bytes in
      let parity = ParityHeader(
        firstChunk: UInt32(run.block.firstChunk), timestamp: header.now.timestamp, grttCode: header.grttCode,
        symbolIndex: UInt8(symbol), blockChunkCount: UInt8(run.block.chunkCount),
        blockStride: UInt8(run.block.stride))
      buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: ParityHeader.byteCount) { room in
        parity.write(
          into: room, sessionID: sessionID, packetNumber: header.packet, flags: .repair,
          payloadChecksum: CRC32.checksum(bytes))
        return ParityHeader.byteCount
      }
      _ = buffer.writeBytes(bytes)
    }
    if symbol + 1 == made.first + made.count { forget(run.index) }
  }

  private func chunk(_ symbol: Int, _ run: SymbolRun) -> UInt32 {
    UInt32(run.block.firstChunk + UInt64(symbol % run.block.chunkCount * run.block.stride))
  }

  private mutating func write(
    _ chunk: UInt32, _ source: SetSource, _ header: Header, to buffer: inout ByteBuffer
  ) {
    let byteCount = source.layout.payloadByteCount(of: chunk, hint: &hint)
    checksums.removeAll(keepingCapacity: true)
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: DataHeader.byteCount + byteCount) { room in
      let datagram = UnsafeMutableRawBufferPointer(rebasing: room[..<(DataHeader.byteCount + byteCount)])
      source.read(
        first: chunk, count: 1, into: datagram, stride: datagram.count, payloadOffset: DataHeader.byteCount,
        checksums: &checksums)
      DataHeader.write(
        into: datagram, sessionID: sessionID, packetNumber: header.packet, flags: .repair, chunkIndex: chunk,
        timestamp: header.now.timestamp, grttCode: header.grttCode, payloadChecksum: checksums[0])
      return datagram.count
    }
  }

  // MARK: Making symbols

  /// Makes this symbol and those behind it, unless they are here. False when a file of the block changed.
  private mutating func prepare(
    _ symbol: Int, _ run: SymbolRun, _ source: SetSource, maxSymbolCount: Int
  ) -> Bool {
    if let made = made[run.index], made.first..<made.first + made.count ~= symbol { return true }
    forget(run.index)
    let limit = min(maxSymbolCount, ParityHeader.maxSymbolCount - run.block.chunkCount)
    let count = max(1, min(Self.symbolsAtOnce, limit - symbol))
    guard let bytes = makeSymbols(symbol..<symbol + count, of: run.block, source) else { return false }
    if madeByteCount + bytes.count > Self.byteCountLimit {
      made.removeAll()
      madeByteCount = 0
    }
    made[run.index] = Made(first: symbol, count: count, bytes: bytes)
    madeByteCount += bytes.count
    return true
  }

  private mutating func forget(_ block: UInt64) {
    madeByteCount -= made.removeValue(forKey: block)?.bytes.count ?? 0
  }

  /// Nil when a file of the block is not what its first chunks were read from.
  private mutating func makeSymbols(
    _ indices: Range<Int>, of block: BlockGeometry.Block, _ source: SetSource
  ) -> [UInt8]? {
    let byteCounts = read(block, source)
    guard let byteCounts,
      let code = try? BlockCode(chunkCount: block.chunkCount, symbolByteCount: symbolByteCount)
    else { return nil }
    let size = symbolByteCount
    return chunks.withUnsafeBytes { chunks in
      let rows = byteCounts.enumerated().map { row, byteCount in
        UnsafeRawBufferPointer(rebasing: chunks[row * size..<row * size + byteCount])
      }
      var symbols = [UInt8](repeating: 0, count: indices.count * size)
      let isMade = symbols.withUnsafeMutableBytes { bytes in
        let targets = indices.enumerated().map { position, index in
          ParityTarget(
            index: index,
            bytes: UnsafeMutableRawBufferPointer(rebasing: bytes[position * size..<(position + 1) * size]))
        }
        return (try? code.encode(rows, into: targets)) != nil
      }
      return isMade ? symbols : nil
    }
  }

  /// Reads all chunks of a block, each to its row. Returns their lengths; nil when a file of them changed.
  private mutating func read(_ block: BlockGeometry.Block, _ source: SetSource) -> [Int]? {
    let size = symbolByteCount
    if chunks.count < block.chunkCount * size { chunks = Array(repeating: 0, count: block.chunkCount * size) }
    checksums.removeAll(keepingCapacity: true)
    var byteCounts: [Int] = []
    var files: [Int] = []
    let layout = source.layout
    for (row, chunk) in block.chunks.enumerated() {
      let place = layout.run(from: UInt32(chunk), limit: 1, hint: &hint)
      byteCounts.append(place.byteCount)
      if case .file(let file) = place.kind, files.last != file { files.append(file) }
      chunks.withUnsafeMutableBytes { bytes in
        source.read(
          first: UInt32(chunk), count: 1,
          into: UnsafeMutableRawBufferPointer(rebasing: bytes[row * size..<(row + 1) * size]), stride: size,
          payloadOffset: 0, checksums: &checksums)
      }
    }
    for file in files where !source.isUnchanged(file) { return nil }
    return byteCounts
  }
}
