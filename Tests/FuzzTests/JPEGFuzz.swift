#if canImport(Viewer)  // Tools/fuzz compiles its files into the module
import Viewer
#endif

/// The decoder of the viewer, which Tools/fuzz builds with the address sanitizer.
///
/// Every input is decoded as a whole file and as the beginning of one, for a small and for a large place, and
/// as if it were arriving: in one piece, and in three.
func fuzzJPEG(_ bytes: UnsafeBufferPointer<UInt8>) {
  let bytes = UnsafeRawBufferPointer(bytes)
  for (width, height, isPart) in [(64, 48, false), (64, 48, true), (1_280, 720, false)] {
    let box = PixelSize(width: width, height: height)
    guard let image = try? JPEGDecoder.decode(bytes, box: box, isPart: isPart) else { continue }
    // Reads every pixel, so that one outside its memory is seen.
    var sum: UInt32 = 0
    for position in 0..<image.size.pixelCount { sum &+= image.pixels[position] }
    precondition(image.size.pixelCount <= JPEGDecoder.decodedPixelLimit && image.size.pixelCount > 0)
    precondition(sum != 1 || image.size.width > 0)
  }
  let thirds = [bytes.count / 3, bytes.count / 2, bytes.count]
  for (box, counts) in [
    (PixelSize(width: 64, height: 48), thirds), (PixelSize(width: 2_048, height: 2_048), thirds),
    (PixelSize(width: 2_048, height: 2_048), [bytes.count]),
  ] { fuzzArriving(bytes, box: box, counts: counts) }
  if let image = JPEGDecoder.embedded(in: bytes, fileByteCount: UInt64(bytes.count)) {
    precondition((0..<image.size.pixelCount).contains { image.pixels[$0] >> 24 == 255 })
  }
  _ = ColorProfile.embedded(in: bytes)
  _ = FileKind.name(bytes)
}

/// What is decoded in one piece without a complaint is the picture that the decoder of whole files gives. At
/// an eighth of the size it looks at less of a damaged file.
///
/// In several pieces this holds for files without damage alone (ArrivingJPEGTests): at the end of a piece
/// libjpeg-turbo decodes by another routine, which makes another block of a wrong code. 4f32f2b1… is a file
/// of which neither routine complains.
private func fuzzArriving(_ bytes: UnsafeRawBufferPointer, box: PixelSize, counts: [Int]) {
  var image: ArrivingJPEG?
  for count in counts {
    let here = UnsafeRawBufferPointer(rebasing: bytes.prefix(count))
    image = image ?? ArrivingJPEG(here, box: box)
    guard let picture = image?.picture(here), image?.isWhole == true,
      picture.size.width * 8 > picture.sourceSize.width + 8,
      let whole = try? JPEGDecoder.decode(bytes, box: box)
    else { continue }
    precondition(picture.size == whole.size)
    guard counts.count == 1 else { continue }
    for position in 0..<whole.size.pixelCount {
      precondition(picture.pixels[position] == whole.pixels[position])
    }
  }
}
