import Ground

/// What programs are asked over TCP, which loses nothing.
enum StreamCases {
  static var all: [CheckCase] {
    naive(.receiver) + naive(.sender) + chunked(.receiver) + HostileStreamCases.receiver + chunked(.sender)
      + HostileStreamCases.sender
  }

  private static func naive(_ side: CheckedSide) -> [CheckCase] {
    let three = [700, 1_200, 300].enumerated().map { CheckFile("\($0).jpg", $1) }
    let session = "A session of n images is n + 1 connections, opened by the sender, one after the other:"
    func one(
      _ name: String, in profile: CheckProfile = .minimal, section: String = "4", _ sentence: String,
      files: [CheckFile] = three, pieces: Int? = nil, _ rules: [StreamRule] = []
    ) -> CheckCase {
      CheckCase(
        name, side, .naive, in: profile, "naive.md §\(section)", sentence, files: files,
        expect: side == .receiver ? .images : .datagrams(afterSeconds: 0), mode: .tcp, pieceByteCount: pieces,
        streamRules: rules)
    }
    let cases = [
      one("images", session),
      one("one-image", "0 bytes: the end marker", files: [three[0]]),
      one("one-byte", session, files: [CheckFile("0.jpg", 1), CheckFile("1.jpg", 1)]),
      one("large-image", "An image may have any size.", files: [CheckFile("0.jpg", 300_000), three[1]]),
      one("many-images", session, files: (10..<30).map { CheckFile("\($0).jpg", 100 + $0) }),
    ]
    guard side == .receiver else { return cases }
    return cases + [
      one("in-pieces", "length is told by the FIN alone", pieces: 250),
      one(
        "cut-connection", section: "6.8", "When a sender dies in the middle in an orderly way",
        [StreamRule(.connection(1), .cut(isReset: false))]),
      one(
        "reset-connection", in: .full, section: "6.8", "Only a connection that is reset is recognised,",
        [StreamRule(.connection(1), .cut(isReset: true))]),
      one(
        "early-end", section: "6.8", "Any empty connection, also a port scan's, is the end.",
        [StreamRule(.connection(2), .preceded(.emptyConnection))]),
    ]
  }

  private static func chunked(_ side: CheckedSide) -> [CheckCase] {
    let three = [CheckFile("a.bin", 2_500), CheckFile("b.bin", 40_000), CheckFile("c/d.bin", 300)]
    func one(
      _ name: String, _ section: String, _ sentence: String, files: [CheckFile] = three, pieces: Int? = nil
    ) -> CheckCase {
      CheckCase(
        name, side, .chunked, "chunked-tcp.md §\(section)", sentence, files: files, mode: .tcp,
        pieceByteCount: pieces)
    }
    let cases = [
      one("whole", "4", "The receiver compares, gives the file its modification time and mode"),
      one(
        "one-byte", "4", "0 u32 file, its index in the manifest · 4 u64 offset ·",
        files: [CheckFile("a.bin", 1), CheckFile("b.bin", 1)]),
      one(
        "empty-file", "4", "An empty file has no data frame.",
        files: [CheckFile("a.bin", 0), CheckFile("b.bin", 700), CheckFile("c.bin", 0)]),
      one(
        "many-files", "4",
        "Files that the rest names come in the manifest's order,",
        files: (10..<70).map { CheckFile("file-\($0).bin", 3 * $0) }),
    ]
    guard side == .receiver else { return cases }
    let atOnce = "It SHOULD handle a piece's bytes when they arrive, without waiting for the frame's end."
    let small = [CheckFile("a.bin", 100), CheckFile("b.bin", 90)]
    return cases + [one("in-pieces", "3", atOnce, files: small, pieces: 7)]
  }
}
