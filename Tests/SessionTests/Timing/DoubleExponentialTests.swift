import Glibc
import Session
import Testing

@Suite struct DoubleExponentialTests {
  @Test func logarithmAgreesWithTheMathLibrary() {
    var x = 1e-9
    while x < 1e18 {
      let expected = Glibc.log(x)
      #expect(abs(x.naturalLogarithm - expected) <= 1e-12 * max(1, abs(expected)), "ln \(x)")
      x *= 1.37
    }
    #expect(1.0.naturalLogarithm == 0)
  }

  /// Over what the backoff uses: λ = ln R + 1, R up to 2^32.
  @Test func exponentialAgreesWithTheMathLibrary() {
    var x = -24.0
    while x <= 24 {
      #expect(abs(x.exponential / Glibc.exp(x) - 1) <= 1e-12, "e^\(x)")
      x += 0.173
    }
  }
}
