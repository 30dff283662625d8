import Checksum
import FileSet
import Foundation
import Testing

/// A file of Specs/vectors whose bytes are chunks, one behind the other.
private struct SpecVector {
  var fields: [String: String] = [:]
  var bytes: [UInt8] = []

  init(_ name: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "Specs/vectors/\(name).hex"), encoding: .utf8)
    var inBytes = false
    for line in text.split(separator: "\n") {
      let content = line.prefix { $0 != "#" }
      if !inBytes, let equals = content.firstIndex(of: "=") {
        fields[content[..<equals].trimmingCharacters(in: .whitespaces)] =
          content[content.index(after: equals)...].trimmingCharacters(in: .whitespaces)
      }
      if content == "bytes:" {
        inBytes = true
        continue
      }
      guard inBytes else { continue }
      bytes += try content.split(separator: " ").map { try #require(UInt8($0, radix: 16)) }
    }
  }

  func numbers(_ key: String) throws -> [Int] {
    try #require(fields[key]).split(separator: " ").map { try #require(Int($0)) }
  }
}

@Suite struct SpecVectorTests {
  /// The folder of layout.hex.
  private func layoutFolder(_ scratch: StreamScratch, _ sizes: [Int]) throws -> String {
    var files: [String: [UInt8]] = [:]
    let names = sizes.indices.map { String(UnicodeScalar(UInt8(97 + $0))) }
    for (index, size) in sizes.enumerated() {
      files[names[index]] = (0..<size).map { UInt8(truncatingIfNeeded: 64 * index + $0) }
    }
    let folder = try scratch.folder("layout", files)
    for (index, name) in names.enumerated() {
      let time = timespec(tv_sec: index + 1, tv_nsec: 0)
      chmod("\(folder)/\(name)", 0o644)
      utimensat(AT_FDCWD, "\(folder)/\(name)", [time, time], 0)
    }
    return folder
  }

  @Test func aSenderCutsTheSetIntoTheseChunks() throws {
    let vector = try SpecVector("layout")
    let chunk = try vector.numbers("chunkByteCount")[0]
    let scratch = try StreamScratch()
    defer { withExtendedLifetime(scratch) {} }
    let folder = try layoutFolder(scratch, try vector.numbers("fileByteCounts"))
    let set = try FileScanner.scan(folder, options: ScanOptions(allFiles: true))
    let source = try SetSource(set, chunkByteCount: chunk)
    #expect(source.identity.description == vector.fields["setIdentity"])
    let counts = try vector.numbers("payloadByteCounts")
    #expect(source.layout.totalChunkCount == UInt64(counts.count))
    var buffer = [UInt8](repeating: 0, count: chunk * counts.count)
    var checksums: [UInt32] = []
    buffer.withUnsafeMutableBytes {
      source.read(
        first: 0, count: counts.count, into: $0, stride: chunk, payloadOffset: 0, checksums: &checksums)
    }
    let payloads = counts.indices.map { Array(buffer[chunk * $0..<chunk * $0 + counts[$0]]) }
    #expect(payloads.flatMap { $0 } == vector.bytes)
    #expect(checksums == payloads.map { CRC32.checksum($0.span) })
  }
}
