import CISAL

/// Rows of bytes, to each of which multiples of other bytes are added: all that encoding and rebuilding are made of.
///
/// ISA-L does it for up to six rows at once, by the widest vectors that the processor has. Source by source the sums are
/// those that `ec_encode_data` makes of all sources together, at 0.7 (many rows) to 1.2 times (one row) its speed; but a
/// source may be shorter than a row, and need not be there when the others are.
struct ProductSums: ~Copyable {
  /// What ISA-L asks for; how it fills them is its own affair, and differs with the processor.
  private static let tableByteCount = 32

  private let rows: UnsafeMutableBufferPointer<UnsafeMutablePointer<UInt8>?>
  private let coefficients: UnsafeMutableBufferPointer<UInt8>
  private let tables: UnsafeMutableBufferPointer<UInt8>

  /// The rows must outlive it; their bytes are the sums so far.
  init(of rows: some Collection<UnsafeMutableRawBufferPointer>) {
    self.rows = .allocate(capacity: rows.count)
    _ = self.rows.initialize(from: rows.lazy.map { $0.baseAddress?.assumingMemoryBound(to: UInt8.self) })
    coefficients = .allocate(capacity: rows.count)
    tables = .allocate(capacity: rows.count * Self.tableByteCount)
  }

  deinit {
    rows.deallocate()
    coefficients.deallocate()
    tables.deallocate()
  }

  /// Adds `source` times `coefficient(i)` to the beginning of row i, for each; it is at most as long as they are.
  @inline(__always)
  func add(_ source: UnsafeRawBufferPointer, times coefficient: (Int) -> UInt8) {
    guard !rows.isEmpty, !source.isEmpty, let bytes = source.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { return }
    for row in rows.indices { coefficients[row] = coefficient(row) }
    ec_init_tables(1, Int32(rows.count), coefficients.baseAddress, tables.baseAddress)
    // The source is only read: ISA-L of this version does not say const.
    ec_encode_data_update(
      Int32(source.count), 1, Int32(rows.count), 0, tables.baseAddress, UnsafeMutablePointer(mutating: bytes),
      rows.baseAddress)
  }
}
