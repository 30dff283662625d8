import Testing

import Keys

struct ReplayWindowTests {
  private func admitted(_ numbers: [UInt32], wordCount: Int = 1) -> [Bool] {
    var window = ReplayWindow(wordCount: wordCount)
    return numbers.map { window.admit($0) }
  }

  /// 36 and 5 are older than the 64 numbers that are remembered when 100 has come.
  @Test func eachNumberIsAdmittedOnce() {
    let numbers: [UInt32] = [5, 5, 7, 6, 7, 100, 99, 37, 37, 36, 5, 98, 100]
    let expected = [true, false, true, true, false, true, true, true, false, false, false, true, false]
    #expect(admitted(numbers) == expected)
  }

  @Test func theLastNumberIsOneAsAnyOther() {
    let last = UInt32.max
    #expect(admitted([last, last, last - 63, last - 64, 0]) == [true, false, true, false, false])
  }

  /// Against a set of all that were seen, mostly near the highest.
  @Test(arguments: [1, 2, 64])
  func agreesWithASet(wordCount: Int) {
    let size = UInt32(64 * wordCount)
    var numbers: [UInt32] = []
    var expected: [Bool] = []
    var seen: Set<UInt32> = []
    var highest: UInt32 = 0
    var state: UInt64 = 1
    for _ in 0..<10_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let step = UInt32(truncatingIfNeeded: state >> 40) % (3 * size)
      let number = step < 2 * size ? highest - min(highest, step) : highest + step % 9
      numbers.append(number)
      expected.append(!seen.contains(number) && (seen.isEmpty || number > highest || highest - number < size))
      seen.insert(number)
      highest = max(highest, number)
    }
    #expect(admitted(numbers, wordCount: wordCount) == expected)
  }
}
