import Impairment
import Testing

@Suite struct ImpairmentTextTests {
  @Test(arguments: [
    ("5%", Impairment(loss: .random(0.05))),
    ("0.05%", Impairment(loss: .random(0.0005))),
    ("1.5e1%", Impairment(loss: .random(0.15))),
    (" loss: 5 % ", Impairment(loss: .random(0.05))),
    ("0", Impairment(loss: .random(0))),
    ("none", .none),
    ("burst:5%,8", Impairment(loss: .burst(meanLoss: 0.05, meanRunLength: 8))),
    (
      "ge:2%,20%,0.1%,40%",
      Impairment(loss: .gilbertElliott(toBad: 0.02, toGood: 0.2, lossGood: 0.001, lossBad: 0.4))
    ),
    (
      "drop:17,nack#1,end*,20-25",
      Impairment(drops: [
        .packets(17...17), .occurrence(kind: 5, number: 1), .every(kind: 8), .packets(20...25),
      ])
    ),
    ("delay:20ms", Impairment(delayNanoseconds: 20_000_000)),
    ("delay:1.5s", Impairment(delayNanoseconds: 1_500_000_000)),
    ("delay:0.5min", Impairment(delayNanoseconds: 30_000_000_000)),
    ("jitter:500us", Impairment(jitterNanoseconds: 500_000)),
    ("dup:1%", Impairment(duplication: 0.01)),
    ("corrupt:0.1%", Impairment(corruption: 0.001)),
    ("truncate:5%", Impairment(truncation: 0.05)), ("truncate 5%", Impairment(truncation: 0.05)),
    ("reorder:5%", Impairment(reordering: .init(probability: 0.05, extraDelayNanoseconds: 2_000_000))),
    ("reorder:5%,10ms", Impairment(reordering: .init(probability: 0.05, extraDelayNanoseconds: 10_000_000))),
    (
      "rate:100Mbit",
      Impairment(bottleneck: .init(rateBitsPerSecond: 100_000_000, bufferByteCount: 625_000))
    ),
    (
      "rate:100mbit/s;buffer:30ms",
      Impairment(bottleneck: .init(rateBitsPerSecond: 100_000_000, bufferByteCount: 375_000))
    ),
    (
      "mark:5ms;rate:100mbit;buffer:30ms",
      Impairment(
        bottleneck: .init(
          rateBitsPerSecond: 100_000_000, bufferByteCount: 375_000, markNanoseconds: 5_000_000))
    ),
    (
      "buffer:375kB;rate:0.1Gbit",
      Impairment(bottleneck: .init(rateBitsPerSecond: 100_000_000, bufferByteCount: 375_000))
    ),
    (
      "5%;delay:20ms;dup:1%",
      Impairment(loss: .random(0.05), duplication: 0.01, delayNanoseconds: 20_000_000)
    ),
    (
      "outage:2s,500ms",
      Impairment(outage: .init(startNanoseconds: 2_000_000_000, durationNanoseconds: 500_000_000))
    ),
    ("wifi", ImpairmentPreset.wifi.impairment),
  ])
  func textIsRead(text: String, expected: Impairment) throws {
    #expect(try Impairment(parsing: text) == expected)
  }

  @Test func settingsRefineAPresetWhereverTheyStand() throws {
    var expected = ImpairmentPreset.satellite.impairment
    expected.loss = .random(0.02)
    expected.bottleneck?.bufferByteCount = 50_000
    #expect(try Impairment(parsing: "2%;satellite;buffer:20ms") == expected)
    expected.bottleneck?.markNanoseconds = 5_000_000
    #expect(try Impairment(parsing: "mark:5ms;2%;satellite;buffer:20ms") == expected)
    var marked = ImpairmentPreset.dsl.impairment
    marked.bottleneck?.markNanoseconds = 5_000_000
    #expect(try Impairment(parsing: "dsl;mark 5ms") == marked)
  }

  @Test func severalTextsAreJoined() throws {
    #expect(
      try Impairment(parsing: ["5%", "delay:1ms"])
        == Impairment(loss: .random(0.05), delayNanoseconds: 1_000_000))
    #expect(try Impairment(parsing: []) == .none)
  }

  @Test(arguments: [
    ("", "5%"), (";", "5%"), ("5", "write 5%"), ("0.5", "write 0.5% or 50%"), ("1", "write 1% or 100%"),
    ("dup:0.01", "write 0.01% or 1%"),
    ("burst:0.05,8", "0.05%"), ("ge:0.02,20%,0.1%,40%", "0.02%"), ("reorder:0.5,3ms", "50%"),
    ("5 percent", "burst:5%,8"), ("-5%", "-5%"), ("0x1", "0x1"),
    ("nan", "nan"), ("120%", "120"), ("burst:5%", "burst:5%,8"), ("burst:5%,8,1", "burst:5%,8"),
    ("burst:50%,0.5", "1...1000000"), ("burst:90%,2", "run length"), ("burst:100%,9", "99%"),
    ("ge:1%,2%", "ge:2%,20%"), ("ge:1%,2%,x,3%,4%", "ge:2%,20%"), ("drop:", "nack#1"),
    ("drop:17,,18", "nack#1"),
    ("drop:20-10", "20-25"), ("drop:foo*", "nack#1"), ("drop:nack#0", "1 is the first"),
    ("drop:type16*", "nack#1"),
    ("delay:20", "delay:20ms"), ("delay:2h", "ns, us, ms, s or min"), ("delay:61s", "60s"),
    ("delay:99999999999999999s", "ms"),
    ("jitter:x", "jitter:5ms"), ("dup:2", "2%"), ("corrupt:", "corrupt:0.1%"),
    ("reorder:5%,1ms,2", "reorder:5%,10ms"),
    ("reorder:5%,3", "reorder:5%,10ms"), ("rate:100Mbps", "rate:100Mbit"), ("rate:5bit", "1kbit"),
    ("buffer:30ms", "rate"), ("rate:1Mbit;buffer:3", "buffer:375kB"), ("rate:1Mbit;buffer:0B", "1073741824"),
    ("5%;1%", "twice"), ("delay:1ms;delay:1ms", "twice"), ("wifi;lte", "twice"), ("speed:1", "loss, burst"),
    ("outage:2s", "outage:2s,500ms"), ("outage:2s,3", "outage:2s,500ms"), ("outage:90000s,1s", "24h"),
  ])
  func mistakesAreExplainedInOneLine(text: String, mention: String) {
    do {
      let impairment = try Impairment(parsing: text)
      Issue.record("read as \(impairment)")
    } catch {
      let line = error.description
      #expect(line.contains(mention) && line.hasPrefix("impairment: ") && !line.contains("\n"), "\(line)")
    }
  }

  @Test(arguments: [
    "none", "5%", "0.01234567891%", "burst:5%,8", "ge:2%,20%,0.1%,40%", "drop:17,20-25,nack#1,end*,type0*",
    "0.001%;delay:1501us;jitter:5ns", "corrupt:0.1%;truncate:5%;dup:1%;reorder:5%,10ms",
    "rate:100Mbit;buffer:30ms",
    "rate:1001kbit;buffer:1501B", "outage:0ns,3ms", "wifi", "satellite", "dsl", "lte", "lossy",
  ])
  func theDescriptionReadsBack(text: String) throws {
    let impairment = try Impairment(parsing: text)
    #expect(try Impairment(parsing: impairment.description) == impairment, "\(impairment)")
  }

  /// Also of numbers that no one types, to the last bit.
  @Test(arguments: [1.0 / 3, 1e-5, 1e-300, 0.1 + 0.2, 0.005.nextUp, 1, 0.999_999_999_999_999_9])
  func everyProbabilityCanBeWritten(probability: Double) throws {
    let impairment = Impairment(loss: .random(probability))
    #expect(try Impairment(parsing: impairment.description) == impairment, "\(impairment)")
  }

  @Test func theDescriptionIsWhatPeopleType() throws {
    let text =
      "burst:5%,8;drop:17,nack#1;corrupt:0.1%;dup:1%;reorder:5%,10ms;delay:20ms;jitter:5ms;rate:100Mbit;buffer:375kB"
    #expect(try Impairment(parsing: text).description == text)
  }

  @Test(arguments: [
    ([], "5%;delay:10ms;rate:1Mbit;buffer:30kB"),
    (["20%"], "20%;delay:10ms;rate:1Mbit;buffer:30kB"),
    (["0", "delay 30ms"], "delay:30ms;rate:1Mbit;buffer:30kB;0"),
    (["buffer:10ms"], "5%;delay:10ms;rate:1Mbit;buffer:10ms"),
    (["none"], "none"), (["jitter:1ms;dsl"], "dsl;jitter:1ms"),
  ])
  func aTextRefinesWhatIsThere(texts: [String], expected: String) throws {
    let base = try Impairment(parsing: "5%;delay:10ms;rate:1Mbit;buffer:30kB")
    #expect(try base.refined(by: texts) == Impairment(parsing: expected))
    #expect(throws: ImpairmentError.repeated("loss")) { try base.refined(by: ["5%", "6%"]) }
  }
}
