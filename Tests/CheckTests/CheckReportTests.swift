import Check
import Foundation
import Testing

/// The result for people and for Gradescope.
@Suite struct CheckReportTests {
  private static var report: CheckReport {
    var failed = CheckResult(
      name: "lost-nack", section: "chunked-udp.md §6.11", sentence: "again when it does not come",
      faults: ["b.bin is missing"], output: "Traceback\nKeyError: 5")
    failed.smallest = ["chunk 5 lost", "NACK 1 lost"]
    failed.records = ["into/lost-nack.pcap"]
    let passed = CheckResult(
      name: "whole", section: "chunked-udp.md §1", sentence: "Every file", faults: [], output: "")
    var report = CheckReport()
    report.results = [passed, failed]
    return report
  }

  @Test func aFailureSaysWhatAPersonNeeds() {
    let texts = Self.report.results.map(\.text)
    #expect(texts[0] == "✔ whole")
    #expect(
      texts[1] == """
        ✘ lost-nack
            b.bin is missing
            it is enough that this happens: chunk 5 lost; NACK 1 lost
            Specs/chunked-udp.md §6.11: “again when it does not come”
            look at into/lost-nack.pcap
            it printed last:
              Traceback
              KeyError: 5
        """)
  }

  /// The keys are Gradescope's.
  @Test func gradescopeReadsAPointForEachCase() throws {
    let data = try JSONEncoder().encode(Self.report.gradescope)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let tests = try #require(object["tests"] as? [[String: Any]])
    #expect(object["output"] as? String == "1 of 2 cases passed")
    #expect(tests.map { $0["name"] as? String } == ["whole", "lost-nack"])
    #expect(tests.map { $0["score"] as? Double } == [1, 0])
    #expect(tests.map { $0["max_score"] as? Double } == [1, 1])
    #expect(tests.map { $0["status"] as? String } == ["passed", "failed"])
    #expect((tests[1]["output"] as? String)?.contains("chunk 5 lost; NACK 1 lost") == true)
  }
}
