import Ground

/// What a receiver of the naive protocol is asked. All images of a case fit into the receive buffer that
/// Linux gives a socket, so that a slow program loses none.
enum NaiveReceiverCases {
  private static let four = [700, 1_200, 300, 2_000].enumerated().map { CheckFile("\($0).jpg", $1) }

  private static func one(
    _ name: String, _ section: String, _ sentence: String, files: [CheckFile] = four,
    _ rules: [CheckRule] = []
  ) -> CheckCase {
    CheckCase(
      name, .receiver, .naive, "naive.md §\(section)", sentence, files: files, rules: rules, expect: .images)
  }

  private static let noName = "No datagram says which image it carries."

  static var all: [CheckCase] {
    [
      one("images", "3", "A session of n images is n + 1 datagrams, all from the sender, none back:"),
      one(
        "one-image", "1", "the datagram or connection that tells a receiver that a session is over.",
        files: [four[0]]),
      one(
        "one-byte", "3", "An image has 1…65,507 bytes.",
        files: [CheckFile("0.jpg", 1), CheckFile("1.jpg", 1)]),
      one("largest", "3", "An image has 1…65,507 bytes.", files: [CheckFile("0.jpg", 65_507), four[1]]),
      one(
        "many-images", "5", "A file appears under its name only when it is whole,",
        files: (10..<50).map { CheckFile("\($0).jpg", 100 + $0) }),
      one("lost-image", "6.2", noName, [CheckRule(.datagram(1), .lost)]),
      one("lost-images", "6.2", noName, [CheckRule(.datagram(0), .lost), CheckRule(.datagram(3), .lost)]),
      one(
        "doubled-image", "6.7", "A duplicated datagram is stored as two images.",
        [CheckRule(.datagram(2), .doubled)]),
      one(
        "overtaken-image", "6.2", "Reordering does the same without any loss.",
        [CheckRule(.datagram(0), .overtaken(by: 2))]),
      one(
        "damaged-image", "3",
        "There is no header, no name, no number, no length and no checksum but UDP's own 16 bits.",
        [CheckRule(.datagram(1), .damaged(byte: 0))]),
      one(
        "cut-image", "3",
        "There is no header, no name, no number, no length and no checksum but UDP's own 16 bits.",
        [CheckRule(.datagram(1), .cut(to: 10))]),
      one("early-end", "6.7", "Any empty datagram ends the session.", [CheckRule(.datagram(2), .cut(to: 0))]),
      one("doubled-end", "6.7", "Any empty datagram ends the session.", [CheckRule(.datagram(4), .doubled)]),
    ]
  }
}
