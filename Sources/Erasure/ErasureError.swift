/// Why a block was not encoded or rebuilt. Nothing has been written in this case.
package enum ErasureError: Error, Equatable {
  /// k is not in 1...200.
  case chunkCountOutOfRange(Int)
  /// A symbol has 1...65,535 bytes.
  case symbolByteCountOutOfRange(Int)
  /// The number of chunks given is not k.
  case chunkCountDiffers(expected: Int, given: Int)
  /// Not in 0 ..< k.
  case chunkIndexOutOfRange(Int)
  /// A chunk has more bytes than a symbol.
  case chunkTooLong(chunkIndex: Int, byteCount: Int)
  /// Not in 0 ..< 255 − k.
  case symbolIndexOutOfRange(Int)
  /// The memory of a symbol is shorter or longer than a symbol.
  case symbolByteCountDiffers(symbolIndex: Int, byteCount: Int)
  /// The same symbol was given twice. Two equal equations cannot give two chunks.
  case symbolGivenTwice(Int)
  /// A symbol is needed for each missing chunk.
  case tooFewSymbols(needed: Int, given: Int)
}
