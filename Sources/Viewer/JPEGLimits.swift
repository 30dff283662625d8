/// Decodes a JPEG at the smallest of libjpeg-turbo's scales that still covers the place on the screen.
///
/// Every size that a hostile file can make large has a limit, which is checked before a byte is allocated.
package enum JPEGDecoder {
  /// The largest image that is decoded at all, in pixels of the file.
  package static let sourcePixelLimit = 1_000_000_000
  /// The largest decoded picture, in pixels of 4 bytes.
  package static let decodedPixelLimit = 64_000_000
  /// The most memory for the coefficients of a progressive image, which libjpeg must hold as a whole: some
  /// 250 megapixels at 4:2:0, 130 at 4:4:4.
  package static let coefficientByteLimit = 800_000_000

  /// Why there is no picture.
  package enum Failure: Error, Equatable {
    case notJPEG
    case truncatedHeader
    case tooLarge(PixelSize)
    /// A kind of JPEG that this decoder does not know, such as "a lossless JPEG".
    case unsupported(kind: String)
    /// libjpeg-turbo's own words.
    case undecodable(reason: String)
  }
}
