/// Six words that people tell each other, and that are the key of a session: 6 · log2(7,776) = 77.5 bits.
package struct SessionCode: Equatable, Sendable {
  package static let wordCount = 6

  package let words: [String]

  /// A new one, by the system's random numbers.
  package init() {
    var generator = SystemRandomNumberGenerator()
    self.init(by: &generator)
  }

  package init(by generator: inout some RandomNumberGenerator) {
    words = (0..<Self.wordCount).map { _ in
      CodeWords.all[Int.random(in: 0..<CodeWords.count, using: &generator)]
    }
  }

  /// Six words of the list, in capitals or not, with blanks or hyphens between them.
  ///
  /// Throws `wordCount`, `unknownWord`.
  package init(_ text: String) throws(KeyError) {
    let words = text.lowercased().split { $0.isWhitespace || $0 == "-" }.map(String.init)
    guard words.count == Self.wordCount else { throw .wordCount(words.count) }
    for word in words where !CodeWords.contains(word) { throw .unknownWord(word) }
    self.words = words
  }

  /// The one form of which the key is made: small letters, one blank between two words.
  package var text: String { words.joined(separator: " ") }
}
