import Testing

import Keys

struct SessionCodeTests {
  /// 77.5 bits need 7,776 different words. Each is two syllables.
  @Test func theListHasItsWords() {
    let words = CodeWords.all
    #expect(words.count == 7_776 && Set(words).count == 7_776 && words == words.sorted())
    for word in words {
      #expect(word.wholeMatch(of: /[bdfghjklmnprstvwyz][aeiou][bdfghjklmnprstvwyz][aeiou]/) != nil, "\(word)")
      #expect(word.prefix(2) != word.suffix(2), "\(word)")
    }
    #expect(!CodeWords.contains("nazi") && !CodeWords.contains("wuba") && !CodeWords.contains("photos"))
  }

  @Test func newCodesAreReadBack() throws {
    for _ in 0..<100 {
      let code = SessionCode()
      #expect(code.words.count == SessionCode.wordCount)
      #expect(try SessionCode(code.text) == code)
    }
    #expect(SessionCode() != SessionCode())
  }

  @Test(arguments: [
    "bado kilu mefa nopi rusa tegi", "  BADO-kilu-mefa-nopi-rusa-tegi\n",
    "Bado  Kilu\tMefa nopi- rusa - tegi",
  ])
  func blanksAndCapitalsDoNotMatter(text: String) throws {
    #expect(try SessionCode(text).text == "bado kilu mefa nopi rusa tegi")
  }

  @Test(arguments: [
    ("", KeyError.wordCount(0)), ("bado kilu mefa nopi rusa", .wordCount(5)),
    ("bado kilu mefa nopi rusa tegi tegi", .wordCount(7)),
    ("bado kilu mefa nopi rusa photo", .unknownWord("photo")),
    ("baba kilu mefa nopi rusa tegi", .unknownWord("baba")),
  ])
  func othersAreNoCodes(text: String, error: KeyError) {
    #expect(throws: error) { try SessionCode(text) }
  }
}
