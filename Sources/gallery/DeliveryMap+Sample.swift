import FileSet
import Session
package import Transport
package import Viewer

extension DeliveryMap {
  /// What a sample says, for the map.
  package init(_ sample: ReceptionSample) {
    let (held, notes) = (sample.held, sample.notes)
    self.init(
      chunkCount: held.capacity, fileCount: sample.manifest.entries.count,
      file: { [manifest = sample.manifest, layout = sample.layout] file in
        DeliveryMap.File(name: manifest.entries[file].name.printable, chunks: layout.chunks(ofFile: file))
      },
      counts: { chunks in
        let here = held.count(in: chunks)
        var counts = DeliveryMap.Counts(total: UInt64(chunks.count), arrived: here)
        counts.repaired = notes.repaired.count(in: chunks)
        counts.rebuilt = notes.rebuilt.count(in: chunks)
        // Asked for and not here. Asked for and here is what repairs, symbols and late datagrams brought.
        if here < counts.total, notes.asked.count(in: chunks) > 0 {
          counts.asked = UInt64(
            chunks.prefix(Int(Self.countLimit)).count { notes.asked.contains($0) && !held.contains($0) })
        }
        return counts
      })
  }
}
