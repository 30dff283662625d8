/// Which packet numbers of one peer were seen, the newest of them: RFC 4303 §3.4.3.
package struct ReplayWindow: Sendable {
  /// Numbers that are remembered: a power of two.
  private let size: UInt32
  private var words: [UInt64]
  private var highest: UInt32?

  /// `wordCount`: a power of two; a word remembers 64 numbers.
  package init(wordCount: Int) {
    words = Array(repeating: 0, count: wordCount)
    size = UInt32(64 * wordCount)
  }

  /// Whether the number is new. A number that is too old to be remembered counts as seen.
  package mutating func admit(_ number: UInt32) -> Bool {
    if let highest {
      guard number > highest || highest - number < size else { return false }
      if number > highest { forget(after: highest, through: number) }
    }
    highest = max(highest ?? number, number)
    let place = number % size
    let bit = UInt64(1) << UInt64(place % 64)
    guard words[Int(place / 64)] & bit == 0 else { return false }
    words[Int(place / 64)] |= bit
    return true
  }

  /// Makes room for the numbers between these two and for the last.
  private mutating func forget(after first: UInt32, through last: UInt32) {
    guard last - first < size else {
      for index in words.indices { words[index] = 0 }
      return
    }
    for number in (first + 1)...last {
      let place = number % size
      words[Int(place / 64)] &= ~(UInt64(1) << UInt64(place % 64))
    }
  }
}
