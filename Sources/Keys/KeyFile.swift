import Glibc

/// A key of 32 random bytes in a file that only its owner may read: 64 hexadecimal digits and a line's end.
package enum KeyFile {
  private static let byteCount = 32
  private static let textByteCount = 2 * byteCount

  /// Makes a new key and its file, which must not be there yet. `label`: what stands before the digits.
  ///
  /// Throws `file`.
  package static func make(_ path: String) throws(KeyError) { try make(path, label: "") }

  static func make(_ path: String, label: String) throws(KeyError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var generator = SystemRandomNumberGenerator()
    let digits = Array("0123456789abcdef".utf8)
    var text = Array(label.utf8)
    for _ in 0..<byteCount {
      let byte = Int(UInt8.random(in: 0...UInt8.max, using: &generator))
      text += [digits[byte >> 4], digits[byte & 15]]
    }
    text.append(UInt8(ascii: "\n"))
    guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0 else {
      let error = failure(path)
      unlink(path)
      throw error
    }
  }

  /// Throws `file`, `openToOthers`, `noKey`.
  package static func read(_ path: String) throws(KeyError) -> [UInt8] {
    try read(path, label: "", orElse: .noKey(path: path))
  }

  static func read(_ path: String, label: String, orElse noKey: KeyError) throws(KeyError) -> [UInt8] {
    // O_NONBLOCK: a pipe without a writer must not stop the program here.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw noKey }
    guard status.st_mode & 0o077 == 0 else { throw .openToOthers(path: path) }
    var text = [UInt8](repeating: 0, count: label.utf8.count + textByteCount + 2)
    let count = Glibc.read(descriptor, &text, text.count)
    guard count >= 0 else { throw failure(path) }
    guard text.starts(with: label.utf8), let key = key(text.prefix(count).dropFirst(label.utf8.count)) else {
      throw noKey
    }
    return key
  }

  /// Nil for anything but 64 digits and at most one line's end.
  private static func key(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    bytes(ofDigits: text.last == UInt8(ascii: "\n") ? text.dropLast() : text)
  }

  /// Nil for anything but 64 hexadecimal digits.
  static func bytes(ofDigits digits: some Collection<UInt8>) -> [UInt8]? {
    guard digits.count == textByteCount else { return nil }
    var key: [UInt8] = []
    for (place, digit) in digits.enumerated() {
      guard let value = Character(UnicodeScalar(digit)).hexDigitValue else { return nil }
      if place % 2 == 0 { key.append(UInt8(value) << 4) } else { key[place / 2] |= UInt8(value) }
    }
    return key
  }

  static func failure(_ path: String) -> KeyError {
    .file(path: path, reason: String(cString: strerror(errno)))
  }
}
