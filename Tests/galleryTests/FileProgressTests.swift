import FileSet
import Ground
import Session
import Testing
import Transport
import Viewer
import Wire

import gallery

/// What the window is told of files that are on their way.
struct FileProgressTests {
  private static let chunkByteCount = 100
  private let manifest: Manifest
  private let layout: SetLayout

  /// Three files: of 1,000 bytes, 250 bytes and none.
  init() throws {
    manifest = try Manifest(
      entries: [("a.jpg", 1_000), ("b.jpg", 250), ("c.jpg", 0)].map {
        ManifestEntry(byteCount: $0.1, modificationTimeNanoseconds: 0, mode: 0o644, name: $0.0)
      })
    layout = try SetLayout(
      manifestByteCount: manifest.encoded().count, fileByteCounts: manifest.entries.map(\.byteCount),
      chunkByteCount: Self.chunkByteCount)
  }

  private func sample(_ held: [Range<UInt64>], seconds: Double) -> ReceptionSample {
    var map = ChunkMap(capacity: layout.totalChunkCount)
    for chunks in held { map.insert(chunks) }
    return ReceptionSample(
      manifest: manifest, layout: layout, held: map,
      notes: ReceptionNotes(chunkCount: layout.totalChunkCount),
      now: Instant.zero + Nanoseconds(seconds * 1e9),
      partPath: { "/part/\($0)" })
  }

  @Test func theBeginningCountsForThePicture() {
    var progress = FileProgress()
    let chunks = layout.chunks(ofFile: 0)
    #expect(progress.take(sample([], seconds: 1)).isEmpty && progress.fileCount == 3)
    let first = chunks.lowerBound
    let parts = progress.take(sample([first..<first + 4, first + 6..<first + 7], seconds: 2))
    #expect(parts.count == 1)
    #expect(parts[0]?.leadingByteCount == 400)
    #expect(parts[0]?.fraction == 5 / Double(chunks.count))
  }

  @Test func aWholeFileIsNoPartAndHasItsTime() {
    var progress = FileProgress()
    let chunks = layout.chunks(ofFile: 0)
    _ = progress.take(sample([], seconds: 1))
    for part in 1...4 { _ = progress.take(sample([chunks.prefix(3)], seconds: 1 + Double(part) / 4)) }
    #expect(progress.take(sample([chunks], seconds: 3)).isEmpty)
    #expect(progress.travel(ofFile: 0, byteCount: 1_000) == "in 2.0 s, 500 B/s")
    #expect(progress.travel(ofFile: 1, byteCount: 250) == nil)
  }

  /// The map counts the chunks as the sample has them.
  @Test func theMapHasTheSamplesCounts() {
    let file = layout.chunks(ofFile: 0)
    var notes = ReceptionNotes(chunkCount: layout.totalChunkCount)
    notes.noteRepair(of: UInt32(file.lowerBound))
    notes.noteRebuilt([file.lowerBound + 1])
    var held = ChunkMap(capacity: layout.totalChunkCount)
    held.insert(file.prefix(4))
    let delivery = DeliveryMap(
      ReceptionSample(
        manifest: manifest, layout: layout, held: held, notes: notes, now: .zero, partPath: { "\($0)" }))
    #expect(delivery.file(0) == DeliveryMap.File(name: "a.jpg", chunks: file) && delivery.fileCount == 3)
    let counts = delivery.counts(file)
    #expect(counts.total == UInt64(file.count) && counts.arrived == 4 && counts.asked == 0)
    #expect(counts.repaired == 1 && counts.rebuilt == 1 && counts.missing == UInt64(file.count) - 4)
  }
}
