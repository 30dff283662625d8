/// The 7,776 words of which codes are made, Specs/security.md §3. They are computed, so there is no list to
/// keep: each word has four letters, which are two syllables of a consonant and a vowel.
package enum CodeWords {
  package static let count = 7_776

  private static let consonants = Array("bdfghjklmnprstvwyz")
  private static let vowels = Array("aeiou")
  /// Their consonant and vowel sound alike to many people.
  private static let weakSyllables: Set = ["wu", "yi"]
  /// Insults in a language that many people speak.
  private static let leftOut: Set = [
    "baka", "dago", "dike", "homo", "joto", "kike", "kuso", "mofo", "nazi", "nude", "pedo", "puta", "puto",
    "rape", "sado", "suka",
  ]

  /// In alphabetical order: the first 7,776 words that have two different syllables, do not begin with a weak
  /// one, and are not left out.
  package static let all: [String] = {
    let syllables = consonants.flatMap { consonant in vowels.map { "\(consonant)\($0)" } }
    var words: [String] = []
    for first in syllables where !weakSyllables.contains(first) {
      for second in syllables where second != first && !leftOut.contains(first + second) {
        words.append(first + second)
      }
    }
    return Array(words.prefix(count))
  }()

  package static func contains(_ word: String) -> Bool { known.contains(word) }

  private static let known = Set(all)
}
