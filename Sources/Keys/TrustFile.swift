import Glibc

/// The senders that a receiver accepts: a text file with a public key of 64 hexadecimal digits at the
/// beginning of each line. What stands behind the key, empty lines and lines that begin with "#" are for
/// people.
package enum TrustFile {
  /// A longer file is none.
  private static let byteCountLimit = 1 << 20

  /// Throws `file`, `noPublicKey`, `nobodyTrusted`.
  package static func read(_ path: String) throws(KeyError) -> Set<PublicKey> {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw KeyFile.failure(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw KeyFile.failure(path) }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= byteCountLimit else {
      throw .nobodyTrusted(path: path)
    }
    var text = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = Glibc.read(descriptor, &text, text.count)
    guard count >= 0 else { throw KeyFile.failure(path) }
    let keys = try keys(text.prefix(count), path)
    guard !keys.isEmpty else { throw .nobodyTrusted(path: path) }
    return keys
  }

  private static func keys(_ text: ArraySlice<UInt8>, _ path: String) throws(KeyError) -> Set<PublicKey> {
    var keys: Set<PublicKey> = []
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (place, line) in lines.enumerated() {
      let words = line.split { [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")].contains($0) }
      guard let word = words.first, word.first != UInt8(ascii: "#") else { continue }
      guard let key = KeyFile.bytes(ofDigits: word), isUsable(key) else {
        throw .noPublicKey(path: path, line: place + 1)
      }
      keys.insert(PublicKey(key))
    }
    return keys
  }

  /// The bytes are a number below 2^255, and libgcrypt ends the process when its highest 63 bits are zero, as
  /// in a file of zeros. Of the keys that are made from a seed one in 2^63 is so.
  private static func isUsable(_ key: [UInt8]) -> Bool {
    !(key[24...30].allSatisfy { $0 == 0 } && key[31] & 0x7F == 0)
  }

  /// Makes a file that trusts one sender; it must not be there yet. Throws `file`.
  static func make(_ path: String, _ key: PublicKey) throws(KeyError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw KeyFile.failure(path) }
    defer { close(descriptor) }
    let text = Array("\(key.text) fingerprint \(key.fingerprint)\n".utf8)
    guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0 else {
      let error = KeyFile.failure(path)
      unlink(path)
      throw error
    }
  }
}
