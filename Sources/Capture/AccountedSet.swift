package import FileSet
import Wire

/// The sizes of a set: a prediction needs nothing else.
package struct AccountedSet: Equatable, Sendable {
  package var imageByteCounts: [UInt64]
  /// The manifest's length on the wire; the images' names are in it.
  package var manifestByteCount: Int

  package init(imageByteCounts: [UInt64], manifestByteCount: Int) {
    self.imageByteCounts = imageByteCounts
    self.manifestByteCount = manifestByteCount
  }

  package init(_ set: ScannedSet) {
    self.init(
      imageByteCounts: set.manifest.entries.map(\.byteCount), manifestByteCount: set.manifest.encodedByteCount
    )
  }

  package var imageByteCount: UInt64 { imageByteCounts.reduce(0, +) }
  /// Bytes of the digests behind the images. An empty image has no digest.
  package var digestByteCount: UInt64 {
    UInt64(SetShape.digestByteCount * imageByteCounts.count { $0 > 0 })
  }
}
