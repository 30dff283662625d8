/// A decoded picture: 32-bit pixels, bytes in the order B, G, R, 255 (SDL's ARGB8888 on a little-endian
/// machine), rows without padding.
package final class DecodedImage: @unchecked Sendable {  // immutable once a decoder hands it out
  package let size: PixelSize
  /// Size of the image in the file, upright.
  package let sourceSize: PixelSize
  /// The fault of the picture in a word ("incomplete", "damaged"); nil for a whole picture.
  package let note: String?
  /// Bytes of its file.
  package let fileByteCount: Int
  /// It is the small picture that a camera put into the file.
  package let isPreview: Bool
  package let pixels: UnsafeMutablePointer<UInt32>

  /// Makes a picture from `pixels`. The picture owns and frees them.
  init(
    taking pixels: UnsafeMutablePointer<UInt32>, size: PixelSize, sourceSize: PixelSize, note: String?,
    fileByteCount: Int, isPreview: Bool
  ) {
    self.isPreview = isPreview
    self.fileByteCount = fileByteCount
    self.pixels = pixels
    self.size = size
    self.sourceSize = sourceSize
    self.note = note
  }

  deinit { pixels.deallocate() }

  package var bytesPerRow: Int { size.width * 4 }
}
