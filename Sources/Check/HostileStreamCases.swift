import Ground
import Wire

/// What programs of the chunked protocol over TCP are asked when a connection is cut, and when a peer's
/// frames are wrong.
enum HostileStreamCases {
  private static let three = [CheckFile("a.bin", 2_500), CheckFile("b.bin", 40_000), CheckFile("c.bin", 300)]
  /// The second file, and what follows it.
  private static let fromSecond = ["b.bin", "c.bin"]
  private static let second = StreamRule.Which.data(file: 1)
  private static let ends = "Each ends the connection, with an abort to the peer and a line to the user:"
  private static let keeps = "However a session ends, verified files stay."

  private static func one(
    _ name: String, _ side: CheckedSide, _ section: String, _ sentence: String, files: [CheckFile] = three,
    _ which: StreamRule.Which, _ change: StreamRule.Change, expect: CheckExpectation
  ) -> CheckCase {
    CheckCase(
      name, side, .chunked, "chunked-tcp.md §\(section)", sentence, files: files, expect: expect, mode: .tcp,
      streamRules: [StreamRule(which, change)])
  }

  // MARK: A receiver

  static var receiver: [CheckCase] { cuts + frames + sets }

  private static func receives(
    _ name: String, _ section: String, _ sentence: String, _ which: StreamRule.Which,
    _ change: StreamRule.Change, expect: CheckExpectation = .without(fromSecond)
  ) -> CheckCase {
    one(name, .receiver, section, sentence, which, change, expect: expect)
  }

  private static var cuts: [CheckCase] {
    [
      receives("cut-connection", "5.2", keeps, second, .cut(isReset: false)),
      receives("reset-connection", "5.2", keeps, second, .cut(isReset: true)),
      receives("abort", "4", "It is for people", second, .preceded(.abort)),
    ]
  }

  private static var frames: [CheckCase] {
    [
      receives("unknown-type", "6", ends, second, .preceded(.unknownType)),
      receives(
        "too-long", "6", "a length of 0, or beyond its type's", .frame(.digest), .replaced(.longer),
        expect: .nothing),
      receives("no-length", "6", ends, second, .preceded(.noLength)),
      receives("early-end", "6", ends, second, .preceded(.end(files: 3, bytes: 42_800))),
      receives(
        "another-offset", "4", "each from the offset that the rest states,", second,
        .replaced(.anotherOffset)),
      receives(
        "wrong-digest", "5.2", "does not affect the others.", .frame(.digest), .replaced(.anotherDigest),
        expect: .without(["a.bin"])),
      receives(
        "false-end", "4", "They are those that the rest names.", .frame(.end),
        .replaced(.end(files: 2, bytes: 2_800)), expect: .without([])),
    ]
  }

  private static var sets: [CheckCase] {
    let renaming = StreamForgery.named("../escaped.bin", insteadOf: "aa/escaped.bin")
    let files = [CheckFile("aa/escaped.bin", 500), CheckFile("b.bin", 500)]
    return [
      receives(
        "another-version", "4", "and answer another version with an abort of reason 2", .frame(.hello),
        .replaced(.anotherVersion), expect: .refusal),
      receives(
        "another-magic", "6", "a magic that is not \"GLRY\"", .frame(.hello), .replaced(.anotherMagic),
        expect: .refusal),
      receives(
        "another-identity", "5.2", "identity, files and bytes as announced, else abort 7", .frame(.hello),
        .replaced(.anotherIdentity), expect: .nothing),
      CheckCase(
        "hostile-name", .receiver, .chunked, "chunked-tcp.md §8",
        "no file is written outside the inbox,", files: files, expect: .nothing, mode: .tcp,
        streamRules: [
          StreamRule(.frame(.hello), .replaced(renaming)), StreamRule(.frame(.manifest), .replaced(renaming)),
        ]),
    ]
  }

  // MARK: A sender

  private static func sends(
    _ name: String, _ section: String, _ sentence: String, _ which: StreamRule.Which,
    _ change: StreamRule.Change, expect: CheckExpectation
  ) -> CheckCase {
    one(name, .sender, section, sentence, which, change, expect: expect)
  }

  static var sender: [CheckCase] {
    let welcome = StreamRule.Which.frame(.welcome)
    let complete = StreamRule.Which.frame(.complete)
    let outcome = "Status 0: whole, no file failed; 1: some files failed;"
    return [
      CheckCase(
        "in-pieces", .sender, .chunked, "chunked-tcp.md §3",
        "| length: bytes of type and body, 1 … 1,048,589 |", files: three, mode: .tcp, pieceByteCount: 3),
      sends("cut-connection", "5.2", keeps, second, .cut(isReset: false), expect: .without(fromSecond)),
      sends("reset-connection", "5.2", keeps, second, .cut(isReset: true), expect: .without(fromSecond)),
      sends("abort", "5.1", "its text is the user's message", welcome, .replaced(.abort), expect: .nothing),
      sends(
        "rest-of-the-set", "4", "Files that the rest names come in the manifest's order,", .frame(.rest),
        .replaced(.rest([StreamRun(file: 1, count: 2, offset: 0)])), expect: .nothing),
      sends(
        "overlapping-rest", "4", "Runs are ascending and do not overlap,", .frame(.rest),
        .replaced(.rest([StreamRun(file: 0, count: 3, offset: 0), StreamRun(file: 1, count: 1, offset: 0)])),
        expect: .nothing),
      sends("unknown-type", "6", ends, complete, .preceded(.unknownType), expect: .without([])),
      sends(
        "too-long", "6", "a text that is not UTF-8 or does not end with the body", complete,
        .replaced(.longer),
        expect: .without([])),
      sends("no-length", "6", ends, complete, .preceded(.noLength), expect: .without([])),
      sends(
        "another-version", "4", "and answer another version with an abort of reason 2", welcome,
        .replaced(.anotherVersion), expect: .nothing),
      sends(
        "another-magic", "6", "a magic that is not \"GLRY\"", welcome, .replaced(.anotherMagic),
        expect: .nothing),
      sends(
        "early-complete", "6", ends, welcome,
        .replaced(.complete(verified: 3, failed: 0, status: .whole)), expect: .nothing),
      sends(
        "failed-complete", "4", outcome, complete,
        .replaced(.complete(verified: 2, failed: 1, status: .someFilesFailed)), expect: .without([])),
      sends(
        "false-complete", "4", "Verified and failed add up to the hello's files.", complete,
        .replaced(.complete(verified: 2, failed: 0, status: .whole)), expect: .without([])),
    ]
  }
}
