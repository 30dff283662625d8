import Checksum
import FileSet
import Ground
import Session
package import Wire

/// A set whose files are in memory, cut into chunks as Specs/chunked-udp.md §2 says.
package struct MemorySet: Sendable {
  /// In the order of the manifest.
  private let files: [[UInt8]]
  private let manifest: [UInt8]
  private let layout: SetLayout

  /// Throws what is wrong with the files.
  package init(_ files: [SessionFile], chunkByteCount: Int) throws(SessionError) {
    do {
      let manifest = try Manifest(
        entries: files.map {
          ManifestEntry(
            byteCount: UInt64($0.bytes.count), modificationTimeNanoseconds: 0, mode: 0o644, name: $0.name)
        })
      self.manifest = manifest.encoded()
      // The manifest has refused names that occur twice.
      let bytes = Dictionary(files.map { (Array($0.name.utf8), $0.bytes) }) { first, _ in first }
      self.files = manifest.entries.map { bytes[Array($0.name.utf8)] ?? [] }
      layout = try SetLayout(
        manifestByteCount: self.manifest.count, fileByteCounts: manifest.entries.map(\.byteCount),
        chunkByteCount: chunkByteCount)
    } catch { throw SessionError(description: "\(error)") }
  }

  /// What the sender announces. The machine adds the times.
  package var announce: Announce {
    Announce(
      setIdentity: SetIdentity(of: manifest.span), shape: layout.shape, groupSize: 1, timestamp: 0,
      options: [], grttCode: GrttCode(nanoseconds: .milliseconds(100)), blockChunkCount: 0,
      maxParityCount: 0)
  }

  /// The bytes of one chunk. `chunk` < the shape's chunk count.
  package func payload(of chunk: UInt32, hint: inout Int) -> [UInt8] {
    let run = layout.run(from: chunk, limit: 1, hint: &hint)
    switch run.kind {
    case .manifest: return Array(manifest[Int(run.offset)..<Int(run.offset) + run.byteCount])
    case .file(let index):
      let file = files[index]
      let start = Int(run.offset)
      var bytes = Array(file[min(start, file.count)..<min(start + run.byteCount, file.count)])
      // Behind the file lies its CRC32, the low byte first. A chunk may begin within it.
      let missing = run.byteCount - bytes.count
      if missing > 0 {
        let digest = withUnsafeBytes(of: CRC32.checksum(file.span).littleEndian) { Array($0) }
        let skipped = start + bytes.count - file.count
        bytes += digest[skipped..<skipped + missing]
      }
      return bytes
    }
  }
}
