/// The inverse of the matrix 1 ÷ (row xor column), for e distinct rows and e distinct columns. No number is
/// both a row and a column.
///
/// Cauchy's formula (Knuth, The Art of Computer Programming 1, §1.2.3, exercise 41) takes of the order of e²
/// multiplications. Elimination takes e³ (0.55 ms for e = 55 in ISA-L). The formula has no case that fails.
/// In GF(2⁸) plus and minus are both xor.
struct CauchyInverse {
  private let rows: [UInt8]
  private let columns: [UInt8]
  private let rowFactors: [UInt8]
  private let columnFactors: [UInt8]

  init(rows: [UInt8], columns: [UInt8]) {
    self.rows = rows
    self.columns = columns
    rowFactors = rows.map { Self.factor(of: $0, among: rows, against: columns) }
    columnFactors = columns.map { Self.factor(of: $0, among: columns, against: rows) }
  }

  /// The factor of the sum at position `row` in the chunk at position `column`.
  subscript(column: Int, row: Int) -> UInt8 {
    GaloisField.product(
      GaloisField.product(rowFactors[row], columnFactors[column]),
      GaloisField.inverse(rows[row] ^ columns[column]))
  }

  /// The product of the differences to all numbers of the other kind, divided by the product of the
  /// differences to the other numbers of its own kind.
  private static func factor(of one: UInt8, among own: [UInt8], against others: [UInt8]) -> UInt8 {
    let above = others.reduce(1) { GaloisField.product($0, one ^ $1) }
    let below = own.reduce(1) { $1 == one ? $0 : GaloisField.product($0, one ^ $1) }
    return GaloisField.product(above, GaloisField.inverse(below))
  }
}
