import Testing

import Impairment

/// The one reader of times, rates and sizes.
@Suite struct QuantityTests {
  @Test(
    arguments: [
      ("7ns", 7), ("500us", 500_000), ("500\u{B5}s", 500_000), ("500\u{3BC}s", 500_000), ("20ms", 20_000_000),
      ("1.5s", 1_500_000_000), ("1min", 60_000_000_000), ("0.5 min", 30_000_000_000), ("0", 0), ("0s", 0),
    ] as [(String, UInt64)])
  func times(text: String, nanoseconds: UInt64) throws {
    #expect(try Quantity.nanoseconds(text) == nanoseconds)
  }

  @Test(
    arguments: [
      ("1bit", 1), ("64kbit", 64_000), ("10mbit", 10_000_000), ("100Mbit", 100_000_000),
      ("20Mbit/s", 20_000_000), ("1.5Gbit", 1_500_000_000), ("1.5 gbit", 1_500_000_000), ("0", 0),
    ] as [(String, UInt64)])
  func rates(text: String, bitsPerSecond: UInt64) throws {
    #expect(try Quantity.bitsPerSecond(text) == bitsPerSecond)
  }

  @Test(
    arguments: [
      ("3000B", 3_000), ("375kB", 375_000), ("2mb", 2_000_000), ("1GB", 1_000_000_000), ("1KiB", 1_024),
      ("1MiB", 1_048_576), ("2GiB", 2_147_483_648),
    ] as [(String, UInt64)])
  func sizes(text: String, byteCount: UInt64) throws {
    #expect(try Quantity.bytes(text) == byteCount)
  }

  private static let unreadable = [
    "", " ", "s", "-1s", "+1s", "1e3s", "0x1s", "1..5s", "1h", "1M", "1 0s", "nan", "infs", "ms5", "5ms ",
    "５s",
  ]

  @Test(arguments: unreadable)
  func mistakesListTheUnits(text: String) {
    for (read, units) in Self.readers {
      #expect("\(text)", performing: { try read(text) }, throws: { "\($0)".contains(units) })
    }
  }

  @Test(arguments: ["3", "0.5", "100"])
  func aMissingUnitIsSaid(text: String) {
    for (read, units) in Self.readers {
      #expect(
        performing: { try read(text) },
        throws: { "\($0)".hasPrefix("the unit is missing: expected a ") && "\($0)".contains(units) })
    }
  }

  @Test(arguments: [
    "9999999999999999999999", String(repeating: "9", count: 300), String(repeating: "9", count: 400),
  ])
  func nothingOverflows(digits: String) {
    #expect(throws: QuantityError.self) { try Quantity.nanoseconds(digits + "min") }
    #expect(throws: QuantityError.self) { try Quantity.bitsPerSecond(digits + "Gbit") }
    #expect(throws: QuantityError.self) { try Quantity.bytes(digits + "GiB") }
  }

  private static let readers: [(read: @Sendable (String) throws -> UInt64, units: String)] = [
    ({ try Quantity.nanoseconds($0) }, "in ns, us, ms, s or min"),
    ({ try Quantity.bitsPerSecond($0) }, "in bit, kbit, Mbit or Gbit"),
    ({ try Quantity.bytes($0) }, "in B, kB, MB, GB, KiB, MiB or GiB"),
  ]
}
