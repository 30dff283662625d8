/// The parity symbols that a receiver keeps until their block is whole. Their memory is bounded, over all
/// blocks: a symbol without room is refused, and the session asks again later. The session refuses symbols
/// beyond a block's need.
package struct SymbolStore {
  /// Bytes of all symbols, at most; Specs/chunked-udp.md §6.5.
  package static let byteCountLimit = 64 << 20
  /// What a symbol takes beside its bytes, about.
  private static let overheadByteCount = 96

  struct Symbol {
    var index: UInt8
    var bytes: [UInt8]
  }

  private var symbols: [UInt64: [Symbol]] = [:]
  private(set) var byteCount = 0
  private let byteCountLimit: Int

  init(byteCountLimit: Int) { self.byteCountLimit = byteCountLimit }

  /// Whether a symbol of this length has a place.
  func hasRoom(for symbolByteCount: Int) -> Bool {
    byteCount + symbolByteCount + Self.overheadByteCount <= byteCountLimit
  }

  /// Those of one block, in the order of their arrival.
  subscript(block: UInt64) -> [Symbol] { symbols[block] ?? [] }

  /// Copies a symbol; the caller has asked `hasRoom`.
  mutating func keep(_ bytes: UnsafeRawBufferPointer, index: UInt8, of block: UInt64) {
    byteCount += bytes.count + Self.overheadByteCount
    symbols[block, default: []].append(Symbol(index: index, bytes: Array(bytes)))
  }

  /// Forgets the symbols of a block.
  mutating func drop(_ block: UInt64) {
    guard let dropped = symbols.removeValue(forKey: block) else { return }
    byteCount -= dropped.reduce(0) { $0 + $1.bytes.count + Self.overheadByteCount }
  }
}
