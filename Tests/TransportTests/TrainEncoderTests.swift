import Checksum
import FileSet
import NIOCore
import Session
import Testing
import Transport
import Wire

/// Trains of a set, as the sender of UDP encodes them.
struct TrainEncoderTests {
  private static let chunkByteCount = 1_000

  /// Encodes the whole set in trains of `trainChunkCount`; the payloads in order.
  private func encodeAll(_ source: SetSource, trainChunkCount: UInt32) throws -> [[UInt8]] {
    var encoder = TrainEncoder(
      sessionID: 7, chunkByteCount: Self.chunkByteCount, datagramCount: Int(trainChunkCount))
    var payloads: [[UInt8]] = []
    let total = UInt32(source.layout.totalChunkCount)
    for first in stride(from: 0, to: total, by: Int(trainChunkCount)) {
      let train = Train(
        firstPacketNumber: UInt64(first), isRepair: false,
        runs: [ChunkRange(first: first, count: min(trainChunkCount, total - first))],
        grttCode: GrttCode(rawValue: 0))
      for piece in try encoder.encode(train, from: source, now: .zero) {
        var rest = piece.bytes
        while let datagram = rest.readBytes(length: min(piece.segmentByteCount, rest.readableBytes)),
          !datagram.isEmpty
        {
          let data = try DataDatagram.decode(datagram.span)
          #expect(data.chunkIndex == UInt32(payloads.count))
          payloads.append(Array(datagram[DataHeader.byteCount...]))
        }
      }
    }
    return payloads
  }

  @Test(arguments: [1, 3, 44, 200] as [UInt32])
  func theTrailerIsKnownWithoutReadingAFileTwice(trainChunkCount: UInt32) throws {
    let scratch = try StreamScratch()
    let files = ["a.jpg": seededBytes(40_500, seed: 1), "b.jpg": seededBytes(50_001, seed: 2)]
    let folder = try scratch.folder("set", files)
    let source = try SetSource(FileScanner.scan(folder), chunkByteCount: Self.chunkByteCount)
    let payloads = try encodeAll(source, trainChunkCount: trainChunkCount)
    #expect(payloads.count == Int(source.layout.totalChunkCount))
    let last = try #require(payloads.last)
    let trailer = try Trailer(decoding: last.span)
    #expect(trailer.checksums == files.sorted { $0.key < $1.key }.map { CRC32.checksum($0.value.span) })
    #expect(source.rereadByteCount == 0)
  }
}
