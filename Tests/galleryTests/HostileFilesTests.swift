import Foundation
import TestSupport
import Testing

/// Files that anybody may have written, with numbers beyond every limit: the program refuses or reads them,
/// and never ends by a signal.
@Suite(.sideBySide) struct HostileFilesTests {
  /// JSON's numbers, and what is none.
  static let values = [
    "0", "-1", "1", "1.5", "1e300", "-1e300", "1e-320", "1e400", "4294967295", "4294967296",
    "9223372036854775807",
    "9223372036854775808", "18446744073709551615", "18446744073709551616", "null", "\"\\n!touch hacked\\n\"",
    "[]",
  ]
  private static let refusals: Set<Int32> = [0, 2, 3, 4, 8]
  /// With GALLERY_FULL=1 each number of a file takes each value. Without it, each number takes a third of the
  /// values and the command, because a program starts for each of them.
  private static func isTried(_ value: String, place: Int) -> Bool {
    FullRun.isAsked || value == command || ((values.firstIndex(of: value) ?? 0) + place).isMultiple(of: 3)
  }

  /// The one that gnuplot could take for a command. The other values are plotted by a program in its place,
  /// because gnuplot takes longer than all other work.
  private static let command = values.first { $0.hasPrefix("\"") }

  /// Starts the program with a `gnuplot` that only makes the files that a script names.
  private func program(_ arguments: [String], with value: String, in scratch: Scratch) -> Program {
    guard value != Self.command else { return Program(arguments, in: scratch) }
    let bin = scratch.path("bin")
    if mkdir(bin, 0o755) == 0 {
      let text =
        #"""
        #!/bin/sh
        sed -n "s/^set output '\(.*\)'\$/\1/p" "$1" | while read -r file; do echo '<svg/>' >"$file"; done

        """#
      _ = FileManager.default.createFile(
        atPath: bin + "/gnuplot", contents: Data(text.utf8), attributes: [.posixPermissions: 0o755])
    }
    return Program(arguments, in: scratch, prefix: ["env", "PATH=\(bin):/usr/bin:/bin"])
  }

  /// Writes `text` with the numbers in it replaced by the value, one at a time and all together, and runs the
  /// program on it.
  private func run(
    _ text: String, as name: String, _ arguments: [String], with value: String, in scratch: Scratch
  ) async throws {
    let number = /-?[0-9]+(\.[0-9]+)?/
    let ranges = text.ranges(of: number)
    var texts = ranges.indices.filter { Self.isTried(value, place: $0) }.map {
      text.replacingCharacters(in: ranges[$0], with: value)
    }
    texts.append(text.replacing(number, with: value))
    for text in texts {
      try text.write(toFile: scratch.path(name), atomically: false, encoding: .utf8)
      let program = program(arguments, with: value, in: scratch)
      let code = await program.wait()
      #expect(
        code.map { Self.refusals.contains($0) } == true,
        "exit code \(code ?? -1) with \(value) in \(text): \(program.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: scratch.path("hacked")))
  }

  @Test(arguments: values)
  func traces(value: String) async throws {
    let scratch = Scratch()
    let events = [
      #""session_started","data":{"session_id":"00","role":"sender","mode":"unicast","local":"a","remote":"b","file_count":2,"file_bytes":250,"chunk_count":3,"chunk_bytes":100,"seed":7}"#,
      #""datagram_sent","data":{"type":"data","packet_number":1,"raw":{"length":132},"chunk":1}"#,
      #""datagram_received","data":{"type":"data","packet_number":1,"raw":{"length":132},"chunk":2,"repair":true}"#,
      #""nack_received","data":{"receiver":"r","packet_number":1,"ranges":[[1,2]],"chunks":2}"#,
      #""nack_received","data":{"receiver":"r","packet_number":1,"ranges":[[1,2]],"chunks":2}"#,
      #""metrics_updated","data":{"receiver":"r","smoothed_rtt":1.5,"rate":1000,"chunks_held":3}"#,
      #""session_ended","data":{"outcome":"finished"}"#,
    ]
    let head =
      #"{"file_schema":"urn:ietf:params:qlog:file:sequential","trace":{"event_schemas":["urn:gallery:qlog:events:gallery-1"]}}"#
    for (index, event) in events.enumerated() {
      // The one that changes, twice, among the others as they should be.
      let record = "{\"time\":0,\"name\":\"gallery:\(event)}"
      let before = events[..<index].map { "{\"time\":TIME,\"name\":\"gallery:\($0)}" }
      let lines = before + [record, record]
      try await runTrace(head, lines, changing: record, with: value, in: scratch)
    }
  }

  private func runTrace(
    _ head: String, _ lines: [String], changing record: String, with value: String, in scratch: Scratch
  )
    async throws
  {
    let number = /-?[0-9]+(\.[0-9]+)?/
    for (place, range) in record.ranges(of: number).enumerated()
    where Self.isTried(value, place: place + lines.count) {
      let changed = record.replacingCharacters(in: range, with: value)
      let text = ([head] + lines.map { $0 == record ? changed : $0.replacing("TIME", with: "1") })
        .map { "\u{1E}\($0)\n" }.joined()
      try text.write(toFile: scratch.path("run.qlog"), atomically: false, encoding: .utf8)
      let program = program(
        ["trace", scratch.path("run.qlog"), "--plot", scratch.path("run.svg")], with: value, in: scratch)
      let code = await program.wait()
      #expect(
        code.map { Self.refusals.contains($0) } == true,
        "exit code \(code ?? -1) with \(changed): \(program.errors)")
    }
  }

  @Test(arguments: values)
  func accounts(value: String) async throws {
    let scratch = Scratch()
    try await run(
      #"{"accounting":{"equations":[{"unit":"datagrams","left":[{"name":"sent","count":3},{"name":"x","count":2}],"right":[{"name":"first","count":5}],"detail":false}]}}"#,
      as: "run.json", ["account", "--report", scratch.path("run.json")], with: value, in: scratch)
  }

  /// Counts whose sum wraps to that of the other side do not balance.
  @Test func aSumBeyond64BitsDoesNotBalance() async throws {
    let scratch = Scratch()
    let text =
      #"{"accounting":{"equations":[{"unit":"datagrams","left":[{"name":"sent","count":18446744073709551615},{"name":"x","count":2}],"right":[{"name":"first","count":1}],"detail":false}]}}"#
    try text.write(toFile: scratch.path("run.json"), atomically: false, encoding: .utf8)
    #expect(await Program(["account", "--report", scratch.path("run.json")], in: scratch).wait() == 8)
  }

  /// 10^13 bytes that take no room on the disk, for a million receivers: 10^19.
  @Test func sizesWhoseProductOverflows() async {
    let scratch = Scratch()
    scratch.folder("set")
    scratch.sparseFile("set/a.jpg", byteCount: 10_000_000_000_000)
    let program = Program(["account", scratch.path("set"), "--receivers", "1000000"], in: scratch)
    #expect(await program.wait() == 64)
    #expect(program.errorLines.count == 1)
  }

  @Test(arguments: values)
  func studyPlans(value: String) async throws {
    let scratch = Scratch()
    scratch.folder("part")
    let head =
      "way,mode,mtuByteCount,lossFraction,receiverCount,controller,parity,trial,seed,isComplete,seconds,"
      + "goodputBitsPerSecond,firstCount,repairCount,nackCount,datagramCount,wireByteCount,fileByteCount,traceDigest"
    let line = "simulated,multicast,1500,0.1,1,model,64x8,0,5,1,0.5,1000,20,2,1,30,3000,2000,7"
    let plan =
      #"{"lossFractions":[0.1],"receiverCounts":[1],"controllers":["model"],"modes":["multicast"],"mtuByteCounts":[1500],"parities":["64x8"],"ways":["simulated"],"trialCount":1,"seed":5,"fileByteCount":2000,"path":"delay:10ms","impairments":[]}"#
    let merge = ["study", "merge", scratch.path("part"), "--into", scratch.path("whole")]
    try "\(head)\n\(line)\n".write(
      toFile: scratch.path("part/trials.csv"), atomically: false, encoding: .utf8)
    try await run(plan, as: "part/study.json", merge, with: value, in: scratch)
    try plan.write(toFile: scratch.path("part/study.json"), atomically: false, encoding: .utf8)
    try await run("\(head)\n\(line)\n", as: "part/trials.csv", merge, with: value, in: scratch)
  }
}
