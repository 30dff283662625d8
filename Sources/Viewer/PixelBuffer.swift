/// Pixels while a decoder works on them: allocated, reduced, turned, then released to a `DecodedImage`.
package struct PixelBuffer: ~Copyable {
  package private(set) var size: PixelSize
  package private(set) var pixels: UnsafeMutablePointer<UInt32>

  /// Black pixels; `size` must be at least 1x1.
  package init(size: PixelSize) {
    self.size = size
    pixels = .allocate(capacity: size.pixelCount)
    pixels.initialize(repeating: 0xFF00_0000, count: size.pixelCount)
  }

  deinit { pixels.deallocate() }

  /// The same pixels in memory of their own.
  package borrowing func copy() -> PixelBuffer {
    let copy = PixelBuffer(size: size)
    copy.pixels.update(from: pixels, count: size.pixelCount)
    return copy
  }

  /// Hands the pixels over to a picture.
  package consuming func finish(
    sourceSize: PixelSize, note: String?, fileByteCount: Int = 0, isPreview: Bool = false
  ) -> DecodedImage {
    let image = DecodedImage(
      taking: pixels, size: size, sourceSize: sourceSize, note: note, fileByteCount: fileByteCount,
      isPreview: isPreview)
    discard self
    return image
  }

  /// Converts CMYK as Adobe writes it (255 is no ink) to colours, in place: each of R, G, B is its ink times
  /// black.
  ///
  /// A colour profile would be better. libjpeg-turbo's own tools do the same as this function.
  package mutating func convertInvertedCMYK() {
    for position in 0..<size.pixelCount {
      let inks = pixels[position].littleEndian
      let black = inks >> 24
      let red = (inks & 255) * black / 255
      let green = (inks >> 8 & 255) * black / 255
      let blue = (inks >> 16 & 255) * black / 255
      pixels[position] = (0xFF00_0000 | red << 16 | green << 8 | blue).littleEndian
    }
  }

  /// Halves each side by averaging while it stays at least as long as in `target`. A display's own scaling
  /// reads only neighbouring pixels, and would flicker when it shrinks by more than two.
  package mutating func halve(covering target: PixelSize) {
    while true {
      let stepX = size.width >= 2 * max(1, target.width) ? 2 : 1
      let stepY = size.height >= 2 * max(1, target.height) ? 2 : 1
      guard stepX * stepY > 1 else { return }
      reduce(stepX: stepX, stepY: stepY)
    }
  }

  /// Keeps the middle, of this size at most.
  package mutating func crop(to target: PixelSize) {
    let (width, height) = (min(target.width, size.width), min(target.height, size.height))
    let (left, top) = ((size.width - width) / 2, (size.height - height) / 2)
    for y in 0..<height {
      (pixels + y * width).update(from: pixels + (y + top) * size.width + left, count: width)
    }
    size = PixelSize(width: width, height: height)
  }

  /// Averages blocks of `stepX` by `stepY` pixels in place; a remainder at the right and bottom edge is
  /// dropped.
  private mutating func reduce(stepX: Int, stepY: Int) {
    let reduced = PixelSize(width: size.width / stepX, height: size.height / stepY)
    let blockPixelCount = UInt32(stepX * stepY)
    for y in 0..<reduced.height {
      for x in 0..<reduced.width {
        // Two channels at a time, 16 bits each: up to 4 pixels of 255 fit.
        var outer: UInt32 = 0
        var inner: UInt32 = 0
        for blockY in 0..<stepY {
          let row = (y * stepY + blockY) * size.width + x * stepX
          for blockX in 0..<stepX {
            let pixel = pixels[row + blockX]
            outer += pixel >> 8 & 0x00FF_00FF
            inner += pixel & 0x00FF_00FF
          }
        }
        let shift = UInt32(blockPixelCount.trailingZeroBitCount)
        pixels[y * reduced.width + x] =
          (outer >> shift & 0x00FF_00FF) << 8 | (inner >> shift & 0x00FF_00FF)
      }
    }
    size = reduced
  }

  /// Turns and mirrors the picture so that Exif `orientation` (1...8) becomes upright.
  package mutating func makeUpright(orientation: Int) {
    guard (2...8).contains(orientation) else { return }
    let source = size
    let upright = orientation >= 5 ? source.transposed : source
    let turned = UnsafeMutablePointer<UInt32>.allocate(capacity: upright.pixelCount)
    for y in 0..<upright.height {
      for x in 0..<upright.width {
        let (sourceX, sourceY): (Int, Int) =
          switch orientation {
          case 2: (source.width - 1 - x, y)
          case 3: (source.width - 1 - x, source.height - 1 - y)
          case 4: (x, source.height - 1 - y)
          case 5: (y, x)
          case 6: (y, source.height - 1 - x)
          case 7: (source.width - 1 - y, source.height - 1 - x)
          default: (source.width - 1 - y, x)
          }
        (turned + y * upright.width + x).initialize(to: pixels[sourceY * source.width + sourceX])
      }
    }
    pixels.deallocate()
    pixels = turned
    size = upright
  }
}
