/// The libFuzzer target of the viewer's decoder; Tools/fuzz builds and runs it, with the address sanitizer.
///
/// Every input is decoded as a whole file and as the beginning of one, for a small and for a large place.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJPEG(_ start: UnsafePointer<UInt8>, _ byteCount: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: byteCount)
  for (width, height, isPart) in [(64, 48, false), (64, 48, true), (1_280, 720, false)] {
    let box = PixelSize(width: width, height: height)
    guard let image = try? JPEGDecoder.decode(bytes, box: box, isPart: isPart) else { continue }
    // Reads every pixel, so that one outside its memory is seen.
    var sum: UInt32 = 0
    for position in 0..<image.size.pixelCount { sum &+= image.pixels[position] }
    precondition(image.size.pixelCount <= JPEGDecoder.decodedPixelLimit && image.size.pixelCount > 0)
    precondition(sum != 1 || image.size.width > 0)
  }
  _ = ColorProfile.embedded(in: bytes)
  _ = FileKind.name(bytes)
  return 0
}
