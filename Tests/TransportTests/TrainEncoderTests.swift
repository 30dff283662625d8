import Checksum
import FileSet
import Ground
import NIOCore
import Session
import TestSupport
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
      for piece in encoder.encode(train, from: source, now: .zero) {
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

  /// Digests that straddle two datagrams, that have one of their own, and those of many small files in one
  /// train.
  @Test(arguments: [1, 3, 44, 200] as [UInt32])
  func digestsFollowTheirFilesWithoutReadingOneTwice(trainChunkCount: UInt32) throws {
    let scratch = try StreamScratch()
    let sizes = [40_500, 50_001, 0, 1, 7, 995, 996, 997, 998, 999, 1_000, 1_001, 0, 2_997, 12]
    let files = sizes.enumerated().map { seededBytes($1, seed: UInt64($0)) }
    let names = sizes.indices.map { "\(100 + $0).jpg" }
    let folder = try scratch.folder("set", Dictionary(uniqueKeysWithValues: zip(names, files)))
    let source = try SetSource(FileScanner.scan(folder), chunkByteCount: Self.chunkByteCount)
    let payloads = try encodeAll(source, trainChunkCount: trainChunkCount)
    #expect(payloads.count == Int(source.layout.totalChunkCount))
    for (index, file) in files.enumerated() {
      let row = source.layout.chunks(ofFile: index).flatMap { payloads[Int($0)] }
      let digest = CRC32.checksum(file.span)
      let expected = file.isEmpty ? [] : file + (0..<4).map { UInt8(truncatingIfNeeded: digest >> (8 * $0)) }
      #expect(row == expected, "file of \(file.count) bytes")
      #expect(file.isEmpty || CRC32.checksum(row.span) == CRC32.residue)
    }
    #expect(source.rereadByteCount == 0)
  }
}
