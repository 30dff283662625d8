import FileSet
import Figures
import Ground
package import Session
package import Transport
package import Viewer

extension DeliveryMap {
  /// What a sample says, for the map.
  package init(_ sample: ReceptionSample) {
    let notes = sample.notes
    self.init(
      held: sample.held, repaired: notes.repaired, rebuilt: notes.rebuilt, asked: notes.asked,
      fileCount: sample.manifest.entries.count,
      file: { [manifest = sample.manifest, layout = sample.layout] file in
        DeliveryMap.File(name: manifest.entries[file].name.printable, chunks: layout.chunks(ofFile: file))
      })
    story = { chunks in Self.story(of: chunks, notes) }
  }

  /// What a receiver has. `asked`: also chunks that have arrived since.
  package init(
    held: ChunkMap, repaired: ChunkMap, rebuilt: ChunkMap, asked: ChunkMap, fileCount: Int,
    file: @escaping @Sendable (Int) -> File
  ) {
    self.init(
      chunkCount: held.capacity, fileCount: fileCount, file: file,
      counts: { chunks in
        let here = held.count(in: chunks)
        var counts = DeliveryMap.Counts(total: UInt64(chunks.count), arrived: here)
        counts.repaired = repaired.count(in: chunks)
        counts.rebuilt = rebuilt.count(in: chunks)
        // Asked for and not here. Asked for and here is what repairs, symbols and late datagrams brought.
        if here < counts.total, asked.count(in: chunks) > 0 {
          counts.asked = UInt64(
            chunks.prefix(Int(Self.countLimit)).count { asked.contains($0) && !held.contains($0) })
        }
        return counts
      })
  }

  /// What is known of chunks that were asked for. Of others nothing more is kept than their state.
  private static func story(of chunks: Range<UInt64>, _ notes: ReceptionNotes) -> [String] {
    guard chunks.count == 1 else {
      let count = chunks.prefix(Int(countLimit)).reduce(0) { $0 + (notes.stories[$1]?.nackCount ?? 0) }
      return count > 0 ? ["asked for \(HumanText.count(count, "time", "times"))"] : []
    }
    guard let story = notes.stories[chunks.lowerBound] else { return [] }
    func time(_ instant: Instant) -> String { seconds(instant - notes.began) }
    var lines = [
      "asked for by \(HumanText.count(story.nackCount, "NACK", "NACKs")), first after \(time(story.firstAskedAt))"
    ]
    if let arrivedAt = story.arrivedAt {
      let packet = story.packetNumber.map { " in packet \($0)" } ?? ""
      lines.append(
        "came\(packet) after \(time(arrivedAt)), \(seconds(arrivedAt - story.firstAskedAt)) after the request"
      )
    }
    return lines
  }

  private static func seconds(_ nanoseconds: Nanoseconds) -> String {
    HumanText.fixed(Double(nanoseconds) / 1e9, 3) + " s"
  }
}
