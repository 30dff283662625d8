/// Why there is no key. `description` is one line: what, where, what to do.
package enum KeyError: Error, Equatable {
  /// libgcrypt cannot be loaded.
  case libraryMissing(String)
  /// libgcrypt has refused a call; its error code.
  case refused(code: UInt32)
  /// A code has six words.
  case wordCount(Int)
  /// The word is not in the list.
  case unknownWord(String)
  /// The key file cannot be read or made; errno(3).
  case file(path: String, reason: String)
  /// Others than its owner may read or write the key file.
  case openToOthers(path: String)
  /// The file has no key of 64 hexadecimal digits.
  case noKey(path: String)
  /// The file has no signing key.
  case noSigningKey(path: String)
  /// A line of the file of trusted senders is no public key; from 1.
  case noPublicKey(path: String, line: Int)
  /// The file of trusted senders has no line with a key.
  case nobodyTrusted(path: String)
}

extension KeyError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .libraryMissing(let reason): "a code or a key needs libgcrypt: \(reason)"
    case .refused(let code): "libgcrypt has refused a call (error \(code)); keys cannot be used on this host"
    case .wordCount(let count):
      "a code has \(SessionCode.wordCount) words, and this one has \(count); gallery send --code makes one"
    case .unknownWord(let word):
      "\"\(word)\" is no word of a code, whose words are like \"bado\" and \"kilu\"; check the spelling"
    case .file(let path, let reason): "the key file \(path): \(reason)"
    case .openToOthers(let path):
      "others may read the key file \(path), so its key is not secret: chmod 600 it, or make a new one"
    case .noKey(let path): "\(path) is no key file; gallery key new FILE makes one"
    case .noSigningKey(let path):
      "\(path) has no key to sign with; gallery key new --sign FILE makes one"
    case .noPublicKey(let path, let line):
      "line \(line) of \(path) is no sender's key, which has 64 hexadecimal digits; take the one of its .pub file"
    case .nobodyTrusted(let path):
      "\(path) names no sender to trust; copy the sender's .pub file to it"
    }
  }
}
