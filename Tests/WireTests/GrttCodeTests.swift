import Foundation
import Testing
import Wire

@Suite struct GrttCodeTests {
  /// The formula of NORM's "grtt" field, in floating point; seconds.
  private static func seconds(_ q: Int) -> Double {
    q < 31 ? Double(q + 1) * 1e-6 : 1000 / exp(Double(255 - q) / 13)
  }

  @Test(arguments: 0...255)
  func standsForTheFormulasTime(q: Int) {
    let nanoseconds = Double(GrttCode(rawValue: UInt8(q)).nanoseconds)
    #expect(abs(nanoseconds - Self.seconds(q) * 1e9) <= 0.5001)
  }

  @Test(arguments: 0...255)
  func survivesItsOwnTime(q: Int) {
    let code = GrttCode(rawValue: UInt8(q))
    #expect(GrttCode(nanoseconds: code.nanoseconds) == code)
  }

  @Test(arguments: 0..<255)
  func roundsUpAtTheNextNanosecond(q: Int) {
    let code = GrttCode(rawValue: UInt8(q))
    #expect(Int(GrttCode(nanoseconds: code.nanoseconds + 1).rawValue) == q + 1)
  }

  /// The reference encoding formula, away from the steps where rounding to nanoseconds decides.
  @Test(arguments: [1.5e-6, 20.2e-6, 40e-6, 1e-3, 0.0123, 0.1, 0.333, 1, 7, 100, 999])
  func encodesByTheFormula(rtt: Double) {
    let q = rtt < 33e-6 ? ceil(rtt / 1e-6) - 1 : ceil(255 - 13 * log(1000 / rtt))
    #expect(Double(GrttCode(nanoseconds: UInt64(rtt * 1e9)).rawValue) == q)
  }

  @Test(arguments: [(UInt64(0), UInt8(0)), (1, 0), (1_000_000_000_000, 255), (.max, 255)])
  func clampsBeyondItsRange(nanoseconds: UInt64, q: UInt8) {
    #expect(GrttCode(nanoseconds: nanoseconds).rawValue == q)
  }
}
