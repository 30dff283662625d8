import Checksum
import Erasure
package import FileSet
package import Ground
import NIOCore
package import Session
package import Wire

/// Turns a train of symbols into datagrams, at the sender.
package struct SymbolEncoder {
  let sessionID: UInt64
  private let symbolByteCount: Int
  /// Of a session with a key, whose datagrams are longer by their tags.
  private let seal: SenderSeal?
  private var spans: SpanBytes
  private var symbols: [UInt8] = []
  private var checksums: [UInt32] = []
  private var hint = 0
  /// Bytes of the train encoded last.
  private(set) var encodedByteCount: UInt64 = 0

  package init(sessionID: UInt64, chunkByteCount: Int, seal: SenderSeal? = nil) {
    self.sessionID = sessionID
    self.seal = seal
    symbolByteCount = chunkByteCount
    spans = SpanBytes(chunkByteCount: chunkByteCount)
  }

  /// Encodes a train; the pieces in order. `sentChunkCount`: the chunks below it were sent once.
  ///
  /// A block with a file that changed while it was sent has no right symbols: receivers have its bytes from
  /// before. Chunks of the block, one after the other, take their places. A block of a span that was not sent
  /// to its end has no symbols either, and its first chunk takes their places: only a hostile receiver asks
  /// for it. No chunk is read before its turn, because a file's digest is known when its chunks are read in
  /// order.
  package mutating func encode(
    _ train: SymbolTrain, _ geometry: BlockGeometry, from source: SetSource, sentChunkCount: UInt64,
    now: Instant
  ) -> [TrainEncoder.Piece] {
    let tagByteCount = seal == nil ? 0 : SealedDatagram.tagByteCount
    var buffer = ByteBufferAllocator().buffer(
      capacity: train.symbolCount * (symbolByteCount + ParityHeader.byteCount + tagByteCount))
    var lengths: [Int] = []
    var header = Header(packet: train.firstPacketNumber, now: now, grttCode: train.grttCode)
    for run in train.runs {
      let isSent = geometry.span(of: run.block).end <= sentChunkCount
      let isMade = isSent && makeSymbols(run, geometry, source)
      for position in 0..<run.count {
        let start = buffer.writerIndex
        if isMade {
          writeSymbol(position, run, header, to: &buffer)
        } else {
          let chunk = isSent ? chunk(run.firstSymbol + position, run) : UInt32(run.block.firstChunk)
          write(chunk, source, header, to: &buffer)
        }
        buffer.writeRepeatingByte(0, count: tagByteCount)
        lengths.append(buffer.writerIndex - start)
        header.packet += 1
      }
    }
    encodedByteCount = UInt64(buffer.readableBytes)
    if let seal { buffer.withUnsafeMutableReadableBytes { seal.seal($0, lengths) } }
    return TrainEncoder.pieces(of: buffer, lengths)
  }

  private struct Header {
    var packet: UInt64
    let now: Instant
    let grttCode: GrttCode
  }

  /// The datagram of a symbol of `symbols`.
  private func writeSymbol(_ position: Int, _ run: SymbolRun, _ header: Header, to buffer: inout ByteBuffer) {
    let start = position * symbolByteCount
    symbols[start..<start + symbolByteCount].withUnsafeBytes { bytes in
      let parity = ParityHeader(
        firstChunk: UInt32(run.block.firstChunk), timestamp: header.now.timestamp, grttCode: header.grttCode,
        symbolIndex: UInt8(run.firstSymbol + position), blockChunkCount: UInt8(run.block.chunkCount),
        blockStride: UInt8(run.block.stride))
      buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: ParityHeader.byteCount) { room in
        parity.write(
          into: room, sessionID: sessionID, packetNumber: UInt32(truncatingIfNeeded: header.packet),
          flags: .repair, payloadChecksum: CRC32.checksum(bytes))
        return ParityHeader.byteCount
      }
      _ = buffer.writeBytes(bytes)
    }
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
        into: datagram, sessionID: sessionID, packetNumber: UInt32(truncatingIfNeeded: header.packet),
        flags: .repair, chunkIndex: chunk, timestamp: header.now.timestamp, grttCode: header.grttCode,
        payloadChecksum: checksums[0])
      return datagram.count
    }
  }

  /// Writes the symbols of a run to `symbols`. False when a file of the block changed.
  private mutating func makeSymbols(_ run: SymbolRun, _ geometry: BlockGeometry, _ source: SetSource) -> Bool
  {
    let size = symbolByteCount
    // Out of this struct, which is in use while its spans give the chunks.
    var symbols: [UInt8] = []
    swap(&symbols, &self.symbols)
    defer { swap(&symbols, &self.symbols) }
    if symbols.count < run.count * size { symbols = Array(repeating: 0, count: run.count * size) }
    let isMade = spans.withChunks(of: run.block, geometry, source) { rows in
      symbols.withUnsafeMutableBytes { bytes in
        let targets = (0..<run.count).map { position in
          ParityTarget(
            index: run.firstSymbol + position,
            bytes: UnsafeMutableRawBufferPointer(rebasing: bytes[position * size..<(position + 1) * size]))
        }
        do throws(ErasureError) {
          try BlockCode(chunkCount: rows.count, symbolByteCount: size).encode(rows, into: targets)
          return true
        } catch { return false }
      }
    }
    return isMade ?? false
  }
}
