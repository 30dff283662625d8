import Ground

/// What a sender of the naive protocol is asked.
enum NaiveSenderCases {
  private static let four = [700, 1_200, 300, 2_000].enumerated().map { CheckFile("\($0).jpg", $1) }

  private static func one(
    _ name: String, in profile: CheckProfile = .minimal, _ section: String, _ sentence: String,
    files: [CheckFile] = four, expect: CheckExpectation = .datagrams(afterSeconds: 0)
  ) -> CheckCase {
    CheckCase(
      name, .sender, .naive, in: profile, "naive.md §\(section)", sentence, files: files, expect: expect)
  }

  static var all: [CheckCase] {
    [
      one("images", "3", "A session of n images is n + 1 datagrams, all from the sender, none back:"),
      one("one-image", "3", "datagram n        0 bytes: the end marker", files: [four[0]]),
      one(
        "one-byte", "3", "An image has 1…65,507 bytes.",
        files: [CheckFile("0.jpg", 1), CheckFile("1.jpg", 1)]),
      one("largest", "3", "An image has 1…65,507 bytes.", files: [CheckFile("0.jpg", 65_507), four[1]]),
      one(
        "many-images", "3", "A session of n images is n + 1 datagrams, all from the sender, none back:",
        files: (10..<50).map { CheckFile("\($0).jpg", 100 + $0) }),
      one(
        "the-wait", "3", "(the wait)        3 s, in which nothing is sent",
        expect: .datagrams(afterSeconds: 1)),
      one(
        "too-large", in: .full, "5",
        "a sender refuses images of 0 bytes (each would be an end marker) and, over UDP, those above 65,507 bytes.",
        files: [CheckFile("0.jpg", 65_508), four[1]], expect: .onlyImages),
      one(
        "empty-image", in: .full, "5",
        "a sender refuses images of 0 bytes (each would be an end marker) and, over UDP, those above 65,507 bytes.",
        files: [CheckFile("0.jpg", 0), four[1]], expect: .onlyImages),
    ]
  }
}
