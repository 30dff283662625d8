import Foundation
import Testing
import Trace

struct TraceReaderTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("run.qlog")
  }

  private func read() throws -> [TraceRecord] {
    var result: [TraceRecord] = []
    try TraceReader(path: path).forEach { result.append($0) }
    return result
  }

  private func write(_ count: Int) throws {
    let tracer = try SessionTracer(TraceOptions(qlogPath: path), role: .sender, name: "", now: 0)
    for i in 0..<count {
      tracer.sent(
        Datagrams.data(UInt32(i), chunk: UInt32(i), isRepair: i % 3 == 0), at: UInt64(i) * 1_000_000)
    }
    _ = tracer.close()
  }

  @Test(arguments: [0, 1, 10_000])
  func readsWhatWasWritten(count: Int) throws {
    try write(count)
    let found = try read()
    #expect(found.count == count)
    #expect(found.map(\.data.chunk) == (0..<count).map { UInt64($0) })
    #expect(found.map(\.time) == (0..<count).map { Double($0) })
    #expect(found.allSatisfy { ($0.data.isRepair == true) == ($0.data.chunk.map { $0 % 3 == 0 } ?? false) })
  }

  @Test func aRecordThatWasCutOffIsLeftOut() throws {
    try write(10)
    let url = URL(fileURLWithPath: path)
    try Data(contentsOf: url).dropLast(20).write(to: url)
    #expect(try read().count == 9)
  }

  static let notTraces: [(String, Int)] = [
    ("", 1), ("hello\n", 1), ("{\"file_schema\":\"other\"}\n", 1),
    (
      "\u{1E}{\"file_schema\":\"urn:ietf:params:qlog:file:sequential\",\"trace\":{\"event_schemas\":[\"urn:ietf:params:qlog:events:quic-12\"]}}\n",
      1
    ),
    (
      "\u{1E}{\"file_schema\":\"urn:ietf:params:qlog:file:sequential\",\"trace\":{\"event_schemas\":[\"urn:gallery:qlog:events:gallery-1\"]}}\n\u{1E}[]\n",
      2
    ),
    (String(repeating: "x", count: 3 << 20), 1),
  ]

  @Test(arguments: notTraces)
  func otherFilesAreRefused(text: String, record: Int) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: TraceError.self) { _ = try read() }
    guard case .notATrace(path, record, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func aMissingFileIsOneLine() {
    let error = #expect(throws: TraceError.self) { _ = try read() }
    #expect(error == .cannotRead(path: path, reason: "No such file or directory"))
  }
}
