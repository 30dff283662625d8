import Testing
import Wire

/// What a receiver lacks, Specs/chunked-tcp.md §4.10.
@Suite struct StreamRestTests {
  private static func runs(_ count: Int) -> [StreamRun] {
    (0..<count).map { StreamRun(file: UInt32(2 * $0), count: 1, offset: UInt64($0)) }
  }

  /// A long answer is several frames, and only the last one says so; nothing lacking is one frame too.
  @Test(arguments: [0, 1, 31, 32, 33, 64, 65, 1_000])
  func framesAndBack(count: Int) {
    let frames = StreamRest.frames(Self.runs(count))
    #expect(frames.count == max(1, (count + 31) / 32))
    #expect(frames.dropLast().allSatisfy { !$0.isLast && $0.runs.count == StreamRest.runLimit })
    #expect(frames.last?.isLast == true)
    let parsed = ParsedStream(frames.flatMap { $0.frame() }, pieceByteCount: 11)
    #expect(parsed.error == nil)
    #expect(parsed.events == frames.map { .rest($0) })
    #expect(frames.flatMap(\.runs) == Self.runs(count))
  }

  struct Malformed: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var body: [UInt8]
    var error: StreamError
  }

  static let malformed: [Malformed] = {
    func run(_ file: UInt32, _ count: UInt32, _ offset: UInt64 = 0) -> [UInt8] {
      var body = [UInt8](repeating: 0, count: 17)
      body.withUnsafeMutableBytes {
        StreamRest(isLast: true, runs: [StreamRun(file: file, count: count, offset: offset)]).write(into: $0)
      }
      return Array(body.dropFirst())
    }
    let bad = StreamError.malformed(.rest, field: "run")
    let length = StreamError.malformed(.rest, field: "length")
    return [
      Malformed(testDescription: "a run without files", body: [1] + run(3, 0), error: bad),
      Malformed(testDescription: "files beyond 2^32", body: [1] + run(.max, 2), error: bad),
      Malformed(testDescription: "overlap", body: [1] + run(0, 3) + run(2, 1), error: bad),
      Malformed(testDescription: "descending", body: [1] + run(7, 1) + run(2, 1), error: bad),
      Malformed(testDescription: "half a run", body: [1] + run(0, 1).dropLast(), error: length),
      Malformed(testDescription: "not the last, and short", body: [0] + run(0, 1), error: length),
      Malformed(testDescription: "not the last, and empty", body: [0], error: length),
      Malformed(
        testDescription: "last is neither", body: [2], error: .malformed(.rest, field: "last")),
      Malformed(
        testDescription: "no body", body: [], error: .frameTooShort(type: .rest, length: 1, minimum: 2)),
      Malformed(
        testDescription: "33 runs", body: [1] + (0..<33).flatMap { run(UInt32($0), 1) },
        error: .frameTooLong(type: .rest, length: 530, limit: 514)),
    ]
  }()

  @Test(arguments: malformed) func isRefused(one: Malformed) {
    #expect(ParsedStream(rawFrame(10, one.body)).error == one.error)
  }

  /// The last file that there can be.
  @Test func theLargestIndex() {
    let rest = StreamRest(isLast: true, runs: [StreamRun(file: .max, count: 1, offset: .max)])
    #expect(ParsedStream(rest.frame()).events == [.rest(rest)])
  }

  @Test func readingHasNoBody() {
    #expect(ParsedStream(rawFrame(11, [])).events == [.reading])
    #expect(
      ParsedStream(rawFrame(11, [0])).error == .frameTooLong(type: .reading, length: 2, limit: 1))
  }
}
