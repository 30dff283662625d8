import Testing
import Transport

@Suite struct ShortTextTests {
  @Test(arguments: [
    (0.1, "0.1"), (15.0, "15"), (10.0 / 3, "3.333"), (0.000_4, "0"), (0.0, "0"), (1e12, "1000000000000.0"),
  ])
  func aTimeHasNoMoreDigitsThanItNeeds(seconds: Double, text: String) {
    #expect(seconds.shortText == text)
  }

  @Test func aShortWaitIsNotToldAsNone() {
    let sending = TransportError.nobodyListening(address: "192.0.2.1:25000", seconds: 0.1)
    #expect("\(sending)".contains("(tried for 0.1 s)"))
    let receiving = TransportError.nobodySending(address: "192.0.2.1:25000", seconds: 0.5)
    #expect("\(receiving)".contains("within 0.5 s"))
  }
}
