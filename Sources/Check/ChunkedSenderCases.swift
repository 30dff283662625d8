import Ground
import Wire

/// What a sender of the chunked protocol is asked. It chooses the length of its chunks itself.
enum ChunkedSenderCases {
  private static let three = [CheckFile("a.bin", 9_000), CheckFile("b.bin", 4_000), CheckFile("c.bin", 300)]
  private static let large = [CheckFile("a.bin", 40_000), CheckFile("b.bin", 10_000)]

  private static let announces = "announce until a receiver joins;"
  private static let repairs = """
    repairs of what is asked for, with a new packet number each and the flag *repair*;
    """
  private static let ends = "*end*, repeated until each receiver is settled;"
  private static let dropped = "**A bad datagram is counted under its reason and dropped.**"

  static var all: [CheckCase] { sets + losses + orders + damages + strangers }

  private static func one(
    _ name: String, in profile: CheckProfile = .minimal, _ section: String, _ sentence: String,
    files: [CheckFile] = three, _ rules: [CheckRule] = []
  ) -> CheckCase {
    CheckCase(
      name, .sender, .chunked, in: profile, "chunked-udp.md §\(section)", sentence, files: files, rules: rules
    )
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
        // Chunks of 1,000 and of 1,440 bytes are usual: packets of 1,060 and of 1,500 bytes.
        files: ((995...1_001).map { $0 } + (1_435...1_441)).map { CheckFile("of-\($0)-bytes.bin", $0) }),
      one(
        "many-files", "5", "Entries are sorted by the bytes of their names, ascending.",
        files: (10..<90).map { CheckFile("file-\($0).bin", 3 * $0) }),
    ]
  }

  private static var losses: [CheckCase] {
    [
      one("lost-announce", "6.11", announces, [CheckRule(.kind(.announce, 1...1), .lost)]),
      one("lost-join", "6.11", announces, [CheckRule(.kind(.join, 1...1), .lost)]),
      one("lost-chunk", "6.11", repairs, [CheckRule(.chunk(1, 1...1), .lost)]),
      one("lost-manifest", "6.11", repairs, [CheckRule(.chunk(0, 1...1), .lost)]),
      one("lost-repair", "6.11", repairs, [CheckRule(.chunk(1, 1...2), .lost)]),
      one(
        "lost-nack", "6.11", repairs,
        [CheckRule(.chunk(1, 1...1), .lost), CheckRule(.kind(.nack, 1...1), .lost)]),
      one("lost-reports", "6.11", repairs, [CheckRule(.kind(.report, 1...2), .lost)]),
      // A set of two chunks, so that the last one is known: only an end shows that it is missing.
      one(
        "lost-ends", "6.11", ends, files: [CheckFile("a.bin", 300)],
        [CheckRule(.chunk(1, 1...1), .lost), CheckRule(.kind(.end, 1...4), .lost)]),
      one(
        "lost-complete", "6.11", ends, [CheckRule(.kind(.complete, 1...1), .lost)]),
      one("lost-close", "6.11", "close for each complete;", [CheckRule(.kind(.close, 1...1), .lost)]),
      one("lost-tenth", "6.11", repairs, files: large, [CheckRule(.share(0.1), .lost)]),
      one("lost-third", in: .full, "6.11", repairs, files: large, [CheckRule(.share(0.3), .lost)]),
    ]
  }

  private static var orders: [CheckCase] {
    [
      one("doubled", "6.11", repairs, [CheckRule(.all, .doubled)]),
      one(
        "doubled-nack", "6.11", repairs,
        [CheckRule(.chunk(1, 1...1), .lost), CheckRule(.kind(.nack, 1...9), .doubled)]),
      one("overtaken", "6.11", repairs, [CheckRule(.chunk(1, 1...1), .overtaken(by: 3))]),
    ]
  }

  private static let crc = """
    It covers the whole datagram, **body first, then header**, the four bytes of the field itself taken as zero
    """

  private static var damages: [CheckCase] {
    let lost = CheckRule(.chunk(1, 1...1), .lost)
    return [
      one("damaged-chunk", "6.11", repairs, [CheckRule(.chunk(1, 1...1), .damaged(byte: 60))]),
      one("damaged-nack", "3.2", crc, [lost, CheckRule(.kind(.nack, 1...1), .damaged(byte: 45))]),
      one("damaged-complete", "3.2", crc, [CheckRule(.kind(.complete, 1...1), .damaged(byte: 44))]),
      one("cut-nack", "7", dropped, [lost, CheckRule(.kind(.nack, 1...1), .cut(to: 45))]),
      one("cut-to-nothing", "7", dropped, [CheckRule(.kind(.join, 1...1), .cut(to: 0))]),
    ]
  }

  private static var strangers: [CheckCase] {
    [
      one(
        "bitmap", "4.5", "a sender reads both, a receiver may choose",
        [CheckRule(.chunk(1, 1...1), .lost), CheckRule(.kind(.nack, 1...99), .replaced(.asBitmap))]),
      one(
        "another-session", "3", "A datagram of another session is refused",
        [CheckRule(.kind(.complete, 1...1), .preceded(.ofAnotherSession))]),
      one(
        "another-version", "7", dropped, [CheckRule(.kind(.join, 1...1), .preceded(.ofAnotherVersion))]),
      one("unknown-type", "7", dropped, [CheckRule(.kind(.join, 1...1), .preceded(.ofUnknownType))]),
      one("nineteen-bytes", "7", dropped, [CheckRule(.kind(.join, 1...1), .preceded(.ofNineteenBytes))]),
      one(
        "early-complete", "4.9", "A receiver sends a complete only when it holds every chunk.",
        [CheckRule(.kind(.join, 1...1), .followed(.earlyComplete(fileCount: 3)))]),
    ]
  }
}
