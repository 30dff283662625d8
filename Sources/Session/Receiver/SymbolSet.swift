/// The indices of the symbols of one block that a receiver has: 0...254.
struct SymbolSet: Sendable {
  private var bits = InlineArray<4, UInt64>(repeating: 0)
  private(set) var count = 0

  /// False when the symbol is here already.
  mutating func insert(_ index: UInt8) -> Bool {
    let mask: UInt64 = 1 << UInt64(index & 63)
    guard bits[Int(index >> 6)] & mask == 0 else { return false }
    bits[Int(index >> 6)] |= mask
    count += 1
    return true
  }
}
