/// The Reed–Solomon code of one block: k chunks and up to 255 − k parity symbols. Any k of all these give all
/// chunks.
///
/// The field is GF(2⁸) with the polynomial 0x11D, and the code is systematic. Symbol s, byte by byte, is the
/// sum over the chunks j of chunk j ÷ ((k + s) xor j). This is a Cauchy matrix, ISA-L's
/// `gf_gen_cauchy1_matrix(…, 255, k)`. All its square submatrices can be inverted, so each symbol repairs any
/// one loss. Chunks and symbols have equal lengths. A shorter chunk counts as filled up with zeros. Zeros add
/// nothing, so they need not be written.
package struct BlockCode: Equatable, Sendable {
  /// The largest k.
  package static let maxChunkCount = 200
  /// The largest k + parity: the number of elements of the field, less one.
  package static let maxSymbolCount = 255
  /// The longest symbol, bytes; a chunk in a datagram is shorter.
  package static let maxSymbolByteCount = 65_535

  /// k, the number of chunks in the block: 1...200.
  package let chunkCount: Int
  /// Bytes of a symbol, and of a chunk that is not short: 1...65,535.
  package let symbolByteCount: Int

  /// Throws `chunkCountOutOfRange` or `symbolByteCountOutOfRange`.
  package init(chunkCount: Int, symbolByteCount: Int) throws(ErasureError) {
    guard 1...Self.maxChunkCount ~= chunkCount else { throw .chunkCountOutOfRange(chunkCount) }
    guard 1...Self.maxSymbolByteCount ~= symbolByteCount else {
      throw .symbolByteCountOutOfRange(symbolByteCount)
    }
    self.chunkCount = chunkCount
    self.symbolByteCount = symbolByteCount
  }

  /// How many parity symbols there are: 55...254.
  package var parityCount: Int { Self.maxSymbolCount - chunkCount }

  /// A symbol has a row of the matrix, and a chunk a column. Their element is 1 ÷ (row xor column). Rows are
  /// numbered from k on and columns below k, so the two numbers are never equal.
  func row(ofSymbol index: Int) -> UInt8 { UInt8(truncatingIfNeeded: chunkCount + index) }

  static func coefficient(row: UInt8, column: Int) -> UInt8 {
    GaloisField.inverse(row ^ UInt8(truncatingIfNeeded: column))
  }

  func check(symbolIndex: Int, byteCount: Int) throws(ErasureError) {
    guard 0..<parityCount ~= symbolIndex else { throw .symbolIndexOutOfRange(symbolIndex) }
    guard byteCount == symbolByteCount else {
      throw .symbolByteCountDiffers(symbolIndex: symbolIndex, byteCount: byteCount)
    }
  }

  func check(chunkIndex: Int, byteCount: Int) throws(ErasureError) {
    guard byteCount <= symbolByteCount else {
      throw .chunkTooLong(chunkIndex: chunkIndex, byteCount: byteCount)
    }
  }
}
