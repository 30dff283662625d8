import Impairment
import Testing

@Suite struct ImpairmentPhraseTests {
  @Test(arguments: [
    ("loss 5%", "loss:5%"), ("burst 5%, 8", "burst:5%,8"), ("delay 20 ms", "delay:20ms"),
    ("drop datagram 17", "drop:17"), ("drop datagrams 17, 20-25", "drop:17,20-25"),
    ("drop the first NACK", "drop:nack#1"), ("the third report", "drop:report#3"),
    ("drop the 12th data message", "drop:data#12"), ("drop every end message", "drop:end*"),
    ("drop all NACKs", "drop:nack*"), ("drop the first NACK and every end message", "drop:nack#1,end*"),
    ("wifi; delay 20ms; drop datagram 3", "wifi;delay:20ms;drop:3"),
  ])
  func wordsSayWhatSignsDo(words: String, signs: String) throws {
    #expect(try Impairment(parsing: words) == Impairment(parsing: signs))
  }

  @Test(arguments: [
    "drop the first", "drop every", "drop the last NACK", "the first parcel", "loss of 5%",
    "drop the 0th nack",
  ])
  func whatIsNoPhraseIsAnError(words: String) {
    #expect(throws: ImpairmentError.self) { try Impairment(parsing: words) }
  }
}

@Suite struct ImpairmentScopeTests {
  @Test(arguments: [
    ("5%", ImpairmentScope(), "5%"), ("loss:5%", ImpairmentScope(), "loss:5%"),
    ("out: loss:5%", ImpairmentScope(way: .out), " loss:5%"),
    ("in:drop:17", ImpairmentScope(way: .in), "drop:17"),
    ("r2: wifi", ImpairmentScope(receiver: "r2"), " wifi"),
    ("r2 out: 5%", ImpairmentScope(receiver: "r2", way: .out), " 5%"),
    ("10.1.1.34 in: 5%", ImpairmentScope(receiver: "10.1.1.34", way: .in), " 5%"),
    ("10.1.1.99 in: 5%", ImpairmentScope(), "10.1.1.99 in: 5%"),
  ])
  func theScopeIsTakenOff(text: String, scope: ImpairmentScope, rest: String) {
    let split = ImpairmentScope.split(text, hosts: ["10.1.1.34"])
    #expect(split.scope == scope && split.text == rest)
  }

  @Test func receiversAreFoundByNumberAndByName() {
    #expect(ImpairmentScope().covers(receiver: 4, host: "x"))
    #expect(ImpairmentScope(receiver: "r2").covers(receiver: 1, host: "x"))
    #expect(!ImpairmentScope(receiver: "r2").covers(receiver: 0, host: "x"))
    #expect(ImpairmentScope(receiver: "x").covers(receiver: 4, host: "x"))
    #expect(ImpairmentScope.number("r0") == nil && ImpairmentScope.number("report") == nil)
  }

  @Test(arguments: ImpairmentPreset.allCases)
  func everyPresetHasASource(preset: ImpairmentPreset) {
    #expect(preset.source.count > 10 && !preset.source.contains("\n"))
  }
}
