/// Which files make the set.
package struct ScanOptions: Equatable, Sendable {
  /// Every regular file; otherwise only those whose name says JPEG.
  package var allFiles: Bool
  /// Also the folders in the folder, under relative names.
  package var recursive: Bool
  /// What becomes of the files, for the notices: "--all sends them".
  package var verb: String
  /// Whether the calling command has an option --recursive, which a notice may then name.
  package var offersRecursive: Bool

  package init(
    allFiles: Bool = false, recursive: Bool = false, verb: String = "sends", offersRecursive: Bool = true
  ) {
    self.allFiles = allFiles
    self.recursive = recursive
    self.verb = verb
    self.offersRecursive = offersRecursive
  }
}

/// The kind of a file, as its name says it. The file is not opened.
enum NamedKind {
  /// What this program shows.
  case jpeg
  /// Another format of pictures.
  case otherImage
  case other

  private static let jpegEndings: Set = ["jpg", "jpeg", "jpe", "jfif"]
  private static let imageEndings: Set = [
    "png", "gif", "bmp", "tif", "tiff", "webp", "heic", "heif", "avif", "jxl", "jp2", "svg", "psd",
    "dng", "cr2", "cr3", "nef", "arw", "raf", "orf", "rw2", "pef", "raw",
  ]

  init(name bytes: some BidirectionalCollection<UInt8>) {
    guard let ending = Self.ending(of: bytes) else {
      self = .other
      return
    }
    self =
      Self.jpegEndings.contains(ending) ? .jpeg : Self.imageEndings.contains(ending) ? .otherImage : .other
  }

  /// The lower-case letters and digits behind the last dot, 1 to 8 of them; nil when there are none, or when
  /// the dot is the first character.
  static func ending(of bytes: some BidirectionalCollection<UInt8>) -> String? {
    var ending: [UInt8] = []
    for byte in bytes.reversed() {
      if byte == UInt8(ascii: ".") {
        let isEnding = !ending.isEmpty && ending.count + 1 < bytes.count
        return isEnding ? String(decoding: ending.reversed(), as: UTF8.self) : nil
      }
      let lower = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
      let isPlain =
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(lower)
      guard isPlain, ending.count < 8 else { return nil }
      ending.append(lower)
    }
    return nil
  }
}
