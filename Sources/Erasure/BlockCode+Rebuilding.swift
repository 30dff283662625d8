/// One chunk of a block, which is present or missing.
package enum BlockChunk {
  /// Its bytes, without the zeros that fill up a short one.
  case present(UnsafeRawBufferPointer)
  /// The memory for the missing chunk. `rebuild` writes as many bytes as fit: all of the chunk when the
  /// length of a short chunk is known.
  case missing(UnsafeMutableRawBufferPointer)
}

/// A parity symbol that arrived.
package struct ParitySymbol {
  /// Which symbol of the block: 0 ..< 255 − k.
  package let index: Int
  /// Has exactly as many bytes as a symbol.
  package let bytes: UnsafeRawBufferPointer

  package init(index: Int, bytes: UnsafeRawBufferPointer) {
    self.index = index
    self.bytes = bytes
  }
}

extension BlockCode {
  /// Writes the missing chunks of a block. `chunks` are all k chunks in order, of which e are missing.
  /// `parity` are any e symbols of the block, in any order; further symbols are not read.
  ///
  /// First, the contribution of the present chunks is subtracted from each symbol. This leaves e sums, in
  /// which only the missing chunks occur. Then the inverse of the e × e matrix of their coefficients gives
  /// the missing chunks. Nothing here can tell whether a symbol belongs to this block. The caller must check
  /// the rebuilt chunks.
  ///
  /// Throws an `ErasureError` when a count, an index or a length does not fit this code.
  package func rebuild(_ chunks: [BlockChunk], parity: [ParitySymbol]) throws(ErasureError) {
    let missing = try checkedMissing(chunks)
    guard parity.count >= missing.count else {
      throw .tooFewSymbols(needed: missing.count, given: parity.count)
    }
    let used = parity.prefix(missing.count)
    try check(used)
    guard !missing.isEmpty else { return }

    let rows = used.map { row(ofSymbol: $0.index) }
    let rests = UnsafeMutableRawBufferPointer.allocate(byteCount: used.count * symbolByteCount, alignment: 64)
    defer { rests.deallocate() }
    takeOff(chunks, from: used, rows: rows, into: rests)

    let inverse = CauchyInverse(rows: rows, columns: missing.map { UInt8(truncatingIfNeeded: $0.column) })
    let whole = missing.indices.filter { missing[$0].bytes.count == symbolByteCount }
    combine(rests, inverse, whole, of: missing, byteCount: symbolByteCount)
    for short in missing.indices where missing[short].bytes.count < symbolByteCount {
      combine(rests, inverse, [short], of: missing, byteCount: missing[short].bytes.count)
    }
  }

  private struct MissingChunk {
    let column: Int
    let bytes: UnsafeMutableRawBufferPointer
  }

  private func checkedMissing(_ chunks: [BlockChunk]) throws(ErasureError) -> [MissingChunk] {
    guard chunks.count == chunkCount else {
      throw .chunkCountDiffers(expected: chunkCount, given: chunks.count)
    }
    var missing: [MissingChunk] = []
    for (column, chunk) in chunks.enumerated() {
      switch chunk {
      case .present(let bytes): try check(chunkIndex: column, byteCount: bytes.count)
      case .missing(let bytes):
        try check(chunkIndex: column, byteCount: bytes.count)
        missing.append(MissingChunk(column: column, bytes: bytes))
      }
    }
    return missing
  }

  private func check(_ used: ArraySlice<ParitySymbol>) throws(ErasureError) {
    for (position, symbol) in used.enumerated() {
      try check(symbolIndex: symbol.index, byteCount: symbol.bytes.count)
      guard !used.prefix(position).contains(where: { $0.index == symbol.index }) else {
        throw .symbolGivenTwice(symbol.index)
      }
    }
  }

  /// For each symbol, the contribution of the missing chunks alone.
  private func takeOff(
    _ chunks: [BlockChunk], from used: ArraySlice<ParitySymbol>, rows: [UInt8],
    into rests: UnsafeMutableRawBufferPointer
  ) {
    for (position, symbol) in used.enumerated() { rest(position, in: rests).copyMemory(from: symbol.bytes) }
    let sums = ProductSums(of: rows.indices.lazy.map { rest($0, in: rests) })
    for (column, chunk) in chunks.enumerated() {
      guard case .present(let bytes) = chunk else { continue }
      sums.add(bytes) { Self.coefficient(row: rows[$0], column: column) }
    }
  }

  /// Writes the first `byteCount` bytes of some of the missing chunks. `chosen` names these by their
  /// position.
  private func combine(
    _ rests: UnsafeMutableRawBufferPointer, _ inverse: CauchyInverse, _ chosen: [Int],
    of missing: [MissingChunk], byteCount: Int
  ) {
    for position in chosen { missing[position].bytes.initializeMemory(as: UInt8.self, repeating: 0) }
    let sums = ProductSums(of: chosen.lazy.map { missing[$0].bytes })
    for position in missing.indices {
      sums.add(UnsafeRawBufferPointer(rebasing: rest(position, in: rests)[..<byteCount])) {
        inverse[chosen[$0], position]
      }
    }
  }

  private func rest(
    _ position: Int, in rests: UnsafeMutableRawBufferPointer
  ) -> UnsafeMutableRawBufferPointer {
    let start = position * symbolByteCount
    return UnsafeMutableRawBufferPointer(rebasing: rests[start..<start + symbolByteCount])
  }
}
