import Check
import Testing
import Wire

/// Rules are applied to whole frames, in whatever pieces they arrive.
@Suite struct StreamTamperTests {
  private static func data(_ file: UInt32, _ byteCount: Int) -> [UInt8] {
    var frame = [UInt8](repeating: 7, count: StreamDataHeader.framedByteCount + byteCount)
    frame.withUnsafeMutableBytes {
      StreamDataHeader(file: file, offset: 0).writeFramed(byteCount: byteCount, into: $0)
    }
    return frame
  }

  private static let digest = StreamDigest(file: 0, checksum: 5).frame()
  private static let frames = [
    data(0, 10), digest, data(1, 20), data(1, 30), StreamEnd(fileCount: 2, fileByteCount: 60).frame(),
  ]

  /// What a tamper hands on when the frames arrive in pieces of this length, and whether it cuts.
  private func output(_ rule: StreamRule?, pieces: Int) -> (bytes: [UInt8], isReset: Bool?) {
    var tamper = StreamTamper(rule.map { [$0] } ?? [], identity: nil)
    let all = Self.frames.flatMap { $0 }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: all.count, by: pieces) {
      let output = tamper.take(Array(all[start..<min(all.count, start + pieces)]))
      bytes += output.bytes
      if let isReset = output.isCutByReset { return (bytes, isReset) }
    }
    return (bytes + tamper.rest(), nil)
  }

  @Test(arguments: [1, 7, 1_000])
  func onlyTheNamedFrameChanges(pieces: Int) {
    let all = Self.frames.flatMap { $0 }
    #expect(output(nil, pieces: pieces).bytes == all)
    #expect(output(StreamRule(.frame(.report), .preceded(.abort)), pieces: pieces).bytes == all)
    var changed = Self.frames
    changed[1][changed[1].count - 1] ^= 1
    #expect(
      output(StreamRule(.frame(.digest), .replaced(.anotherDigest)), pieces: pieces).bytes
        == changed.flatMap { $0 })
    // The first frame of the second file only.
    changed = Self.frames
    changed.insert([0, 0, 0, 0], at: 2)
    #expect(
      output(StreamRule(.data(file: 1), .preceded(.noLength)), pieces: pieces).bytes == changed.flatMap { $0 }
    )
  }

  @Test(arguments: [1, 1_000])
  func aCutLeavesHalfOfTheFrame(pieces: Int) {
    let found = output(StreamRule(.data(file: 1), .cut(isReset: true)), pieces: pieces)
    #expect(found.isReset == true)
    #expect(found.bytes == Self.frames[0] + Self.frames[1] + Self.frames[2].prefix(Self.frames[2].count / 2))
  }

  /// A foreign program may send anything; nothing is kept of a frame that cannot be.
  @Test func whatIsNoFrameIsHandedOn() {
    var tamper = StreamTamper([StreamRule(.frame(.complete), .replaced(.abort))], identity: nil)
    let naive = Array("not a frame of this protocol".utf8)
    #expect(tamper.take(naive).bytes == naive)
    #expect(tamper.take(naive).bytes == naive)
    #expect(tamper.rest().isEmpty)
  }

  /// A frame that is longer than its fields says so in its length.
  @Test func aLongerFrameHasItsLength() {
    var tamper = StreamTamper([StreamRule(.frame(.digest), .replaced(.longer))], identity: nil)
    let found = tamper.take(Self.digest).bytes
    #expect(found.prefix(4) == [0, 0, 0, 13] && found.count == 17)
    #expect(found[4..<13] == Self.digest[4...])
  }
}
