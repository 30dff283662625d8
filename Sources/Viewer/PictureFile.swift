#if Viewer
import CPNG
import CSDL2
import Glibc

/// Writes a drawn surface to a file: PNG through libpng, or BMP when the name ends in ".bmp".
enum PictureFile {
  /// Writes to `path`; the format follows the name's ending, PNG unless ".bmp".
  static func write(_ surface: UnsafeMutablePointer<SDL_Surface>, to path: String) throws(ViewerError) {
    if path.lowercased().hasSuffix(".bmp") {
      // "wb" truncates, as a PNG does.
      guard let file = SDL_RWFromFile(path, "wb"), SDL_SaveBMP_RW(surface, file, 1) == 0 else {
        throw .cannotWrite(path: path, reason: String(cString: SDL_GetError()))
      }
    } else {
      try writePNG(surface, to: path)
    }
  }

  private static func writePNG(_ surface: UnsafeMutablePointer<SDL_Surface>, to path: String)
    throws(ViewerError)
  {
    guard let rgb = SDL_ConvertSurfaceFormat(surface, SDL_PIXELFORMAT_RGB24.rawValue, 0) else {
      throw .graphicsFailed(action: "convert a picture", reason: String(cString: SDL_GetError()))
    }
    defer { SDL_FreeSurface(rgb) }
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(rgb.pointee.w)
    image.height = png_uint_32(rgb.pointee.h)
    image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)  // PNG_FORMAT_RGB, 8 bits a channel
    let status = png_image_write_to_file(&image, path, 0, rgb.pointee.pixels, rgb.pointee.pitch, nil)
    defer { png_image_free(&image) }
    guard status != 0 else {
      throw .cannotWrite(path: path, reason: message(image))
    }
  }

  /// libpng's own words: a C string in a fixed field.
  private static func message(_ image: png_image) -> String {
    withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
#endif
