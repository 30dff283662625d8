import Checksum
import FileSet
import Session
package import Wire

/// The chunks of a session in memory, and the files in them.
package struct MemoryInbox: Sendable {
  /// What became of the files.
  package struct Verdict {
    package var verifiedCount: Int
    package var failedCount: Int
    /// Empty when all are whole.
    package var text: String
  }

  private let announce: Announce
  private var chunks: [UInt32: [UInt8]] = [:]
  /// Once every file is verified.
  package private(set) var files: [SessionFile]?

  package init(_ announce: Announce) { self.announce = announce }

  /// The part of the chunks that are here, in [0, 1].
  package var fraction: Double { Double(chunks.count) / Double(max(1, announce.shape.chunkCount)) }

  package mutating func keep(_ payload: [UInt8], as chunk: UInt32) {
    guard payload.count <= announce.shape.chunkByteCount else { return }
    chunks[chunk] = payload
  }

  /// Looks at all chunks once they are here.
  package mutating func verify() -> Verdict {
    do {
      let (files, failed) = try unpack()
      if failed.isEmpty { self.files = files }
      return Verdict(
        verifiedCount: files.count, failedCount: failed.count,
        text: failed.first.map { "\($0): the CRC32 is not that of the sender" } ?? "")
    } catch {
      return Verdict(verifiedCount: 0, failedCount: max(1, announce.shape.fileCount), text: "\(error)")
    }
  }

  /// The files that are whole, and the names of the others.
  private func unpack() throws(FileSetError) -> (files: [SessionFile], failed: [String]) {
    let bytes = joined(0..<announce.shape.manifestChunkCount)
    guard SetIdentity(of: bytes.span) == announce.setIdentity else {
      throw .invalidManifest(reason: "it is not the announced one")
    }
    let manifest = try Manifest(decoding: bytes.span)
    let layout = try SetLayout(
      manifestByteCount: bytes.count, fileByteCounts: manifest.entries.map(\.byteCount),
      chunkByteCount: announce.shape.chunkByteCount)
    guard layout.shape == announce.shape else {
      throw .invalidManifest(reason: "its files are not the announced ones")
    }
    var (files, failed): ([SessionFile], [String]) = ([], [])
    for (index, entry) in manifest.entries.enumerated() {
      if let bytes = file(layout.chunks(ofFile: index), entry.byteCount) {
        files.append(SessionFile(name: entry.name, bytes: bytes))
      } else {
        failed.append(entry.name)
      }
    }
    return (files, failed)
  }

  /// The bytes of a file; nil when its CRC32 is not the one behind it.
  private func file(_ chunks: Range<UInt64>, _ byteCount: UInt64) -> [UInt8]? {
    guard byteCount > 0 else { return [] }
    var bytes = joined(chunks)
    guard UInt64(bytes.count) == SetShape.rowByteCount(byteCount) else { return nil }
    let digest = bytes.suffix(SetShape.digestByteCount)
    bytes.removeLast(SetShape.digestByteCount)
    let checksum = CRC32.checksum(bytes.span)
    return digest.elementsEqual(withUnsafeBytes(of: checksum.littleEndian) { Array($0) }) ? bytes : nil
  }

  private func joined(_ range: Range<UInt64>) -> [UInt8] {
    range.flatMap { chunks[UInt32(truncatingIfNeeded: $0)] ?? [] }
  }
}
