import Testing
import Trace

struct TraceOptionsTests {
  static let labels: [(path: String, label: String, expected: String)] = [
    ("run.qlog", "2", "run-2.qlog"),
    ("/tmp/a.b/run", "2", "/tmp/a.b/run-2"),
    ("/tmp/a.b/run.x.qlog", "10.0.0.1-25000", "/tmp/a.b/run.x-10.0.0.1-25000.qlog"),
    ("run.qlog", "fe80::1%eth0/x", "run-fe80--1-eth0-x.qlog"),
    (".qlog", "2", ".qlog-2"),
  ]

  @Test(arguments: labels)
  func aLabelStandsBeforeTheExtension(path: String, label: String, expected: String) {
    let options = TraceOptions(qlogPath: path, pcapPath: path).labelled(label)
    #expect(options.qlogPath == expected)
    #expect(options.pcapPath == expected)
  }

  @Test func nothingStaysNothing() {
    #expect(TraceOptions().labelled("2").isNone)
    #expect(!TraceOptions(pcapPath: "x").isNone)
  }
}
