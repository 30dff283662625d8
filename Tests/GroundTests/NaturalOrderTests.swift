import Ground
import Testing

struct NaturalOrderTests {
  @Test(
    arguments: [
      ["photo 1.jpg", "photo 2.jpg", "photo 10.jpg", "photo 11.jpg"],
      ["img1.jpg", "img9.jpg", "img10.jpg", "img99.jpg", "img100.jpg"],
      ["1-2.jpg", "1-10.jpg", "2-1.jpg", "10-1.jpg"],
      ["7.jpg", "08.jpg", "09.jpg", "0010.jpg"],
      ["a.jpg", "B.jpg", "c.jpg"], ["IMG_2.JPG", "img_3.jpg", "IMG_10.JPG"],
      ["a/2.jpg", "a/10.jpg", "a 1/1.jpg", "a2/1.jpg", "a10/1.jpg"],
      ["image-0000.jpg", "image-9999.jpg", "image-10000.jpg"],
      ["99999999999999999999998.jpg", "99999999999999999999999.jpg", "100000000000000000000000.jpg"],
      ["", "0", "00", "1", "a"], ["a", "a1", "ab"], ["größe 9", "größe 10", "日本 9", "日本 10"],
    ])
  func peopleCountThatWay(names: [String]) {
    #expect(names.reversed().sorted(by: NaturalOrder.isAscending) == names)
  }

  /// Different names are never alike, and no three contradict each other: a sort ends the same from any
  /// start.
  @Test func orderIsTotal() {
    var state: UInt64 = 7
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let letters = Array("0019aAbB/ -é")
    let names = Set((0..<120).map { _ in String((0..<next(5)).map { _ in letters[next(letters.count)] }) })
    let sorted = names.sorted(by: NaturalOrder.isAscending)
    for (position, name) in sorted.enumerated() {
      #expect(!NaturalOrder.isAscending(name, name))
      for later in sorted[(position + 1)...] {
        #expect(
          NaturalOrder.isAscending(name, later) && !NaturalOrder.isAscending(later, name), "\(name), \(later)"
        )
      }
    }
  }
}
