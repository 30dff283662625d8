import FileSet
import Foundation
import TestSupport
import Testing

import GallerySession
import Wire

/// A set in memory has the same chunks as the same files on disk.
@Suite struct MemorySetTests {
  @Test(arguments: [1, 3, 96, 1_440])
  func itsChunksAreThoseOfAFolder(chunkByteCount: Int) throws {
    let sizes = [0, 1, 3, 4, 5, 92, 93, 94, 95, 96, 97, 188, 1_436, 1_437, 1_440, 3_000]
    let files = sizes.enumerated().map { index, size in
      SessionFile(
        name: String(format: "f%02d", index), bytes: seededBytes(size, seed: UInt64(index)))
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("memory-set-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for file in files { try Data(file.bytes).write(to: folder.appendingPathComponent(file.name)) }
    let source = try SetSource(
      FileScanner.scan(folder.path, options: ScanOptions(allFiles: true)), chunkByteCount: chunkByteCount)
    let set = try MemorySet(files, chunkByteCount: chunkByteCount)
    #expect(set.announce.shape == source.shape)
    var hint = 0
    var checksums: [UInt32] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkByteCount, alignment: 8)
    defer { buffer.deallocate() }
    for chunk in source.layout.fileChunks {
      source.read(
        first: UInt32(chunk), count: 1, into: buffer, stride: chunkByteCount, payloadOffset: 0,
        checksums: &checksums)
      let payload = set.payload(of: UInt32(chunk), hint: &hint)
      #expect(payload.elementsEqual(buffer.prefix(payload.count)), "chunk \(chunk)")
      var other = 0
      #expect(payload.count == source.layout.payloadByteCount(of: UInt32(chunk), hint: &other))
    }
  }
}
