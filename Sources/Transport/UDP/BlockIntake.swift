import Erasure
package import FileSet
package import Wire

/// From symbols to chunks, at a receiver: keeps the symbols, and rebuilds a block when the session says that
/// it has enough of them. It knows no session.
package final class BlockIntake {
  /// What became of a block.
  package enum Result: Equatable {
    /// Its missing chunks are in the set.
    case rebuilt
    /// It had no missing chunks.
    case isWhole
    /// It needs the manifest first, which is not known.
    case waits
    /// More chunks are missing than there are symbols.
    case lacksSymbols
    /// These chunks were here, and cannot be read back. With more symbols they are rebuilt as well.
    case unreadable([UInt64])
  }

  let geometry: BlockGeometry
  private let files: ReceivedSet
  private var symbols: SymbolStore
  /// Blocks that can be rebuilt, in this order.
  private var ready: [UInt64] = []
  /// Blocks that wait for the manifest.
  private var waiting: [UInt64] = []
  /// Chunks in the set that could not be read back. The set does not take them again.
  private var unreadable: Set<UInt64> = []
  private var spans: HeldSpans
  /// Room for all chunks of a block. What is not written takes no memory.
  private let room: UnsafeMutableRawBufferPointer

  package init(
    _ geometry: BlockGeometry, files: ReceivedSet, symbolByteCountLimit: Int = SymbolStore.byteCountLimit,
    heldByteCountLimit: Int = 16 << 20
  ) {
    self.geometry = geometry
    self.files = files
    symbols = SymbolStore(byteCountLimit: symbolByteCountLimit)
    spans = HeldSpans(byteCountLimit: heldByteCountLimit)
    room = .allocate(
      byteCount: BlockCode.maxChunkCount * files.shape.chunkByteCount, alignment: 64)
  }

  deinit { room.deallocate() }

  private var symbolByteCount: Int { files.shape.chunkByteCount }

  /// Whether a symbol has as many bytes as it must.
  package func hasRightLength(_ parity: ParityDatagram) -> Bool { parity.payload.count == symbolByteCount }

  /// Whether `keep` has room for another symbol.
  package var canKeep: Bool { symbols.hasRoom(for: symbolByteCount) && !files.isFull }

  /// Takes a symbol that the session wants kept.
  package func keep(_ parity: ParityDatagram, of datagram: UnsafeRawBufferPointer) {
    guard let block = geometry.block(of: parity.fields) else { return }
    symbols.keep(
      UnsafeRawBufferPointer(rebasing: datagram[parity.payload]), index: parity.fields.symbolIndex, of: block)
  }

  /// The block is whole, or the session is over.
  package func drop(_ block: UInt64) { symbols.drop(block) }

  /// Whether the set has this chunk, though the session asked for it again.
  package func isInSet(_ chunk: UInt32) -> Bool { !unreadable.isEmpty && unreadable.contains(UInt64(chunk)) }

  // MARK: The order of work

  /// The session can rebuild a block.
  package func noteReady(_ block: UInt64) { ready.append(block) }

  /// True when a block can be rebuilt now.
  package var hasWork: Bool { !ready.isEmpty || (!waiting.isEmpty && files.layout != nil) }

  package func takeReady() -> UInt64? {
    if files.layout != nil {
      ready += waiting
      waiting = []
    }
    return ready.isEmpty ? nil : ready.removeFirst()
  }

  // MARK: Rebuilding

  /// Rebuilds the missing chunks of a block and puts them into the set. All rows of chunks have been flushed.
  /// `missingOf` gives the missing chunks of any others, ascending. Throws like `ReceivedSet.accept`.
  package func rebuild(
    _ index: UInt64, missingOf: (Range<UInt64>) -> [UInt64]
  ) throws(FileSetError) -> Result {
    let block = geometry[index]
    let span = geometry.span(of: block)
    let missingOfSpan = missingOf(span.first..<span.end)
    let missing = missingOfSpan.filter {
      $0 >= block.firstChunk && ($0 - block.firstChunk) % UInt64(block.stride) == 0
    }
    guard !missing.isEmpty else { return .isWhole }
    let parity = symbols[index]
    guard parity.count >= missing.count else { return .lacksSymbols }
    let manifestCount = missing.count { $0 < files.shape.manifestChunkCount }
    if files.layout == nil,
      manifestCount == 0 || !files.canKeepRebuilt(fileChunkCount: missing.count - manifestCount)
    {
      waiting.append(index)
      return .waits
    }
    spans.keep(span.first..<span.end, missing: missingOfSpan, of: files)
    let (chunks, lost) = read(block, missing: missing)
    guard lost.isEmpty else {
      unreadable.formUnion(lost)
      return .unreadable(lost)
    }
    guard decode(chunks, parity.prefix(missing.count)) else { return .lacksSymbols }
    for (chunk, part) in zip(block.chunks, chunks) {
      guard case .missing(let bytes) = part, !isInSet(UInt32(chunk)) else { continue }
      try files.acceptRebuilt(UInt32(chunk), UnsafeRawBufferPointer(bytes))
    }
    symbols.drop(index)
    if missing.count == missingOfSpan.count { spans.noteWhole(span.first) }
    return .rebuilt
  }

  /// The chunks of a block as they are here, and room for the missing ones, which are given ascending. A
  /// missing chunk is rebuilt at the length of a full one: the zeros behind a short one come out as zeros.
  /// `lost`: those that cannot be read back.
  private func read(
    _ block: BlockGeometry.Block, missing: [UInt64]
  ) -> (chunks: [BlockChunk], lost: [UInt64]) {
    var chunks: [BlockChunk] = []
    var lost: [UInt64] = []
    var missing = missing[...]
    for (row, chunk) in block.chunks.enumerated() {
      let start = row * symbolByteCount
      let place = UnsafeMutableRawBufferPointer(rebasing: room[start..<start + symbolByteCount])
      if missing.first == chunk {
        missing.removeFirst()
        chunks.append(.missing(place))
      } else if let bytes = spans.bytes(of: chunk, chunkByteCount: symbolByteCount) {
        chunks.append(.present(bytes))
      } else if let byteCount = files.readBack(UInt32(chunk), into: place) {
        chunks.append(.present(UnsafeRawBufferPointer(rebasing: place[..<byteCount])))
      } else {
        lost.append(chunk)
      }
    }
    return (chunks, lost)
  }

  private func decode(_ chunks: [BlockChunk], _ parity: ArraySlice<SymbolStore.Symbol>) -> Bool {
    withSymbols(parity) { given in
      do throws(ErasureError) {
        try BlockCode(chunkCount: chunks.count, symbolByteCount: symbolByteCount)
          .rebuild(chunks, parity: given)
        return true
      } catch { return false }
    }
  }

  /// Copies the symbols side by side, because nested scopes of pointers would be as deep as there are
  /// symbols.
  private func withSymbols<Value>(
    _ symbols: ArraySlice<SymbolStore.Symbol>, _ body: ([ParitySymbol]) -> Value
  ) -> Value {
    withUnsafeTemporaryAllocation(byteCount: max(1, symbols.count * symbolByteCount), alignment: 64) { copy in
      var given: [ParitySymbol] = []
      for (position, symbol) in symbols.enumerated() {
        let start = position * symbolByteCount
        let place = UnsafeMutableRawBufferPointer(rebasing: copy[start..<start + symbolByteCount])
        place.copyBytes(from: symbol.bytes)
        given.append(ParitySymbol(index: Int(symbol.index), bytes: UnsafeRawBufferPointer(place)))
      }
      return body(given)
    }
  }
}
