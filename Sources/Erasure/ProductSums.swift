#if ISAL
import CISAL

/// Rows of bytes. To each row, multiples of other bytes are added. Encoding and rebuilding consist of
/// nothing else.
///
/// ISA-L does this for up to six rows at once, with the widest vectors of the processor. Adding source
/// after source gives the same sums as `ec_encode_data` gives for all sources together, at 0.7 (many rows)
/// to 1.2 times (one row) its speed. In return a source may be shorter than a row, and the sources need not
/// be in memory together.
struct ProductSums: ~Copyable {
  /// The size that ISA-L requires. The contents of a table depend on the processor.
  private static let tableByteCount = 32

  private let rows: UnsafeMutableBufferPointer<UnsafeMutablePointer<UInt8>?>
  private let coefficients: UnsafeMutableBufferPointer<UInt8>
  private let tables: UnsafeMutableBufferPointer<UInt8>

  /// The rows must outlive this value. Their bytes are the sums so far.
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

  /// Adds `source` times `coefficient(i)` to the beginning of row i, for each row. `source` is at most as
  /// long as the rows.
  @inline(__always)
  func add(_ source: UnsafeRawBufferPointer, times coefficient: (Int) -> UInt8) {
    guard !rows.isEmpty, !source.isEmpty,
      let bytes = source.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { return }
    for row in rows.indices { coefficients[row] = coefficient(row) }
    ec_init_tables(1, Int32(rows.count), coefficients.baseAddress, tables.baseAddress)
    // ISA-L only reads the source, but this version does not declare it const.
    gallery_add_products(
      Int32(source.count), Int32(rows.count), tables.baseAddress, UnsafeMutablePointer(mutating: bytes),
      rows.baseAddress)
  }
}
#else
/// Rows of bytes. To each row, multiples of other bytes are added. Encoding and rebuilding consist of
/// nothing else.
struct ProductSums {
  private let rows: [UnsafeMutableRawBufferPointer]

  /// The rows must outlive this value. Their bytes are the sums so far.
  init(of rows: some Collection<UnsafeMutableRawBufferPointer>) { self.rows = Array(rows) }

  /// Adds `source` times `coefficient(i)` to the beginning of row i, for each row. `source` is at most as
  /// long as the rows.
  func add(_ source: UnsafeRawBufferPointer, times coefficient: (Int) -> UInt8) {
    for row in rows.indices { GaloisTables.add(source, times: coefficient(row), to: rows[row]) }
  }
}
#endif
