import Ground
import Wire

/// What a receiver of the chunked protocol is asked. Gallery sends chunks of 1,000 bytes.
enum ChunkedReceiverCases {
  /// The manifest is chunk 0, a.bin has chunks 1 to 3, b.bin 4 to 8, c.bin 9.
  private static let three = [CheckFile("a.bin", 2_500), CheckFile("b.bin", 4_000), CheckFile("c.bin", 300)]

  private static let asks = """
    NACK what is missing, at the latest when an *end* shows it, and again when it does not come;
    """
  private static let dropped = "**A bad datagram is counted under its reason and dropped.**"

  static var all: [CheckCase] { sets + losses + orders + damages + strangers + refusals }

  private static func one(
    _ name: String, in profile: CheckProfile = .minimal, _ section: String, _ sentence: String,
    files: [CheckFile] = three, _ rules: [CheckRule] = [], expect: CheckExpectation = .whole
  ) -> CheckCase {
    CheckCase(
      name, .receiver, .chunked, in: profile, "chunked-udp.md §\(section)", sentence, files: files,
      rules: rules,
      expect: expect)
  }

  private static var sets: [CheckCase] {
    [
      one(
        "whole", "1",
        "Every file arrives whole and verified, or both sides learn which file did not, and why."),
      one(
        "one-byte", "2", "The manifest and each file start on a chunk boundary.",
        files: [CheckFile("a.bin", 1), CheckFile("b.bin", 1)]),
      one(
        "empty-file", "2", "An empty file has no digest and no chunk.",
        files: [CheckFile("a.bin", 0), CheckFile("b.bin", 700), CheckFile("c.bin", 0)]),
      one(
        "last-chunks", "2",
        "A digest may straddle two chunks (four, if c = 1), and have its last chunk to itself.",
        files: (995...1_001).map { CheckFile("of-\($0)-bytes.bin", $0) }),
      one(
        "many-files", "5", "The last entry ends the manifest.",
        files: (10..<70).map { CheckFile("file-\($0).bin", 3 * $0) }),
      one(
        "sub-folders", "5", "'/' separates components; each has 1…255 bytes;",
        files: [CheckFile("a/b/c.bin", 1_500), CheckFile("a/d.bin", 10), CheckFile("é.bin", 20)]),
    ]
  }

  private static var losses: [CheckCase] {
    [
      one("lost-announce", "6.11", "a join for an announce;", [CheckRule(.kind(.announce, 1...1), .lost)]),
      one("lost-join", "6.11", "a join for an announce;", [CheckRule(.kind(.join, 1...1), .lost)]),
      one("lost-chunk", "6.11", asks, [CheckRule(.chunk(5, 1...1), .lost)]),
      one("lost-manifest", "6.11", asks, [CheckRule(.chunk(0, 1...1), .lost)]),
      one("lost-last-chunk", "6.11", asks, [CheckRule(.chunk(9, 1...1), .lost)]),
      one("lost-repair", "6.11", asks, [CheckRule(.chunk(5, 1...2), .lost)]),
      one(
        "lost-nack", "6.11", asks,
        [CheckRule(.chunk(5, 1...1), .lost), CheckRule(.kind(.nack, 1...1), .lost)]),
      one(
        "lost-notice", "6.11", "It MAY ignore repair notices and timestamps' finer uses",
        [CheckRule(.chunk(5, 1...1), .lost), CheckRule(.kind(.repairNotice, 1...1), .lost)]),
      one(
        "lost-ends", "6.11", asks,
        [CheckRule(.chunk(9, 1...1), .lost), CheckRule(.kind(.end, 1...4), .lost)]),
      one(
        "lost-reports", "6.11", "a report at least each 200 ms while data arrive, with true counts;",
        [CheckRule(.kind(.report, 1...2), .lost)]),
      one(
        "lost-complete", "6.11",
        "complete after that, repeated until close or abort arrives or some time has passed;",
        [CheckRule(.kind(.complete, 1...1), .lost)]),
      one(
        "lost-close", "6.11",
        "complete after that, repeated until close or abort arrives or some time has passed;",
        [CheckRule(.kind(.close, 1...1), .lost)]),
      one(
        "lost-tenth", "6.11", asks,
        files: [CheckFile("a.bin", 20_000), CheckFile("b.bin", 10_000)], [CheckRule(.share(0.1), .lost)]),
      one(
        "lost-third", in: .full, "6.11", asks,
        files: [CheckFile("a.bin", 20_000), CheckFile("b.bin", 10_000)], [CheckRule(.share(0.3), .lost)]),
    ]
  }

  private static let anyOrder = "keep chunks of the announced session in any order, once each;"

  private static var orders: [CheckCase] {
    [
      one("doubled", "6.11", anyOrder, [CheckRule(.all, .doubled)]),
      one(
        "overtaken", "6.11", anyOrder,
        [CheckRule(.chunk(1, 1...1), .overtaken(by: 3)), CheckRule(.chunk(6, 1...1), .overtaken(by: 2))]),
      one(
        "overtaken-manifest", "2",
        "It may keep file chunks aside, in memory that it bounds.",
        [CheckRule(.chunk(0, 1...1), .overtaken(by: 5))]),
    ]
  }

  private static let crc = """
    It covers the whole datagram, **body first, then header**, the four bytes of the field itself taken as zero
    """

  private static var damages: [CheckCase] {
    [
      one("damaged-chunk", "3.2", crc, [CheckRule(.chunk(4, 1...1), .damaged(byte: 500))]),
      one("damaged-index", "3.2", crc, [CheckRule(.chunk(4, 1...1), .damaged(byte: 23))]),
      one("damaged-announce", "3.2", crc, [CheckRule(.kind(.announce, 1...1), .damaged(byte: 69))]),
      one(
        "damaged-end", "3.2", crc,
        [CheckRule(.chunk(9, 1...1), .lost), CheckRule(.kind(.end, 1...3), .damaged(byte: 35))]),
      one("cut-chunk", "7", dropped, [CheckRule(.chunk(4, 1...1), .cut(to: 400))]),
      one("cut-to-nothing", "7", dropped, [CheckRule(.chunk(4, 1...1), .cut(to: 0))]),
    ]
  }

  private static var strangers: [CheckCase] {
    let chunk = CheckRule.Which.chunk(4, 1...1)
    return [
      one(
        "another-session", "3", "A datagram of another session is refused",
        [CheckRule(chunk, .preceded(.ofAnotherSession))]),
      one("another-version", "7", dropped, [CheckRule(chunk, .preceded(.ofAnotherVersion))]),
      one("another-magic", "7", dropped, [CheckRule(chunk, .preceded(.withAnotherMagic))]),
      one("unknown-type", "7", dropped, [CheckRule(chunk, .preceded(.ofUnknownType))]),
      one("nineteen-bytes", "7", dropped, [CheckRule(chunk, .preceded(.ofNineteenBytes))]),
      one(
        "beyond-the-set", "7",
        "when its chunk index is not below the announced total,",
        [CheckRule(chunk, .preceded(.beyondTheSet))]),
      one(
        "too-short", "2", "The payload of data MUST have the length that the layout gives its chunk.",
        [CheckRule(chunk, .preceded(.tooShort))]),
    ]
  }

  private static let renaming = CheckForgery.named("../escaped.bin", insteadOf: "aa/escaped.bin")

  private static var refusals: [CheckCase] {
    [
      one(
        "wrong-digest", "5",
        "A receiver makes a file visible under its name only when the file is verified",
        [CheckRule(.chunk(8, 1...99), .replaced(.withAnotherLastByte))], expect: .without(["b.bin"])),
      one(
        "hostile-name", "5", "A receiver MUST check every name before it touches the file system,",
        files: [CheckFile("aa/escaped.bin", 500), CheckFile("b.bin", 500)],
        [
          CheckRule(.kind(.announce, 1...999), .replaced(renaming)),
          CheckRule(.chunk(0, 1...99), .replaced(renaming)),
        ], expect: .nothing),
      one(
        "abort", in: .full, "4", "the session is over, and why", files: [CheckFile("a.bin", 2_500)],
        [CheckRule(.chunk(2, 1...99), .replaced(.abort))], expect: .without(["a.bin"])),
    ]
  }
}
