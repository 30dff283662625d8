import Erasure
import Testing

/// What a build without ISA-L computes, against the definition of the field.
@Suite struct GaloisFieldTests {
  @Test func productsAreThoseOfTheDefinition() {
    for a in 0...UInt8.max {
      for b in 0...UInt8.max { #expect(GaloisTables.product(a, b) == SlowField.product(a, b)) }
    }
  }

  @Test func inversesGiveOne() {
    #expect(GaloisTables.inverse(0) == 0)
    for a in 1...UInt8.max { #expect(GaloisTables.product(a, GaloisTables.inverse(a)) == 1) }
  }

  @Test func productsAreAddedToTheBeginningOfARow() {
    var row: [UInt8] = [1, 2, 3, 4]
    let source: [UInt8] = [0, 0x80, 0xFF]
    row.withUnsafeMutableBytes { row in
      source.withUnsafeBytes { GaloisTables.add($0, times: 3, to: row) }
    }
    #expect(row == [1, 2 ^ SlowField.product(0x80, 3), 3 ^ SlowField.product(0xFF, 3), 4])
  }
}
