package import Checksum
package import Wire

/// Assembles received chunks to files, at the receiver. One owner; not for several threads.
///
/// The caller hands over each chunk once (it filters duplicates), calls `settle` from time to time until that
/// returns an outcome, and drains `nextEvent` in between. Any thrown error ends the session. Memory: for each
/// file its entry in the manifest (40 bytes, and the name when that is longer than 15) and 32 bytes; at most
/// 16 MiB of chunks that precede the manifest.
package final class ReceivedSet {
  package let shape: SetShape
  private let identity: SetIdentity
  package let store: PartStore
  /// Nil until the manifest is known.
  package private(set) var manifest: Manifest?
  package private(set) var layout: SetLayout?
  /// Chunks that an earlier session of the set has left, ascending.
  package private(set) var resumedChunks: [Range<UInt64>] = []
  /// Files that have their names from an earlier session.
  private var delivered: Set<Int> = []
  /// Chunks kept so far.
  package internal(set) var acceptedChunkCount: UInt64 = 0

  private(set) var manifestBytes: GatheredBytes
  /// The manifest's bytes once more, when a block needs them.
  lazy var encodedManifest = manifest?.encoded() ?? []
  private(set) var digests: FileDigests?
  var held = HeldChunks()
  private var events = ReceivedEventQueue()
  private var whole = WholeFiles()
  private var outcome = SetOutcome()
  var hint = 0
  private var lengths: ChunkLengths
  /// Chunks that were kept before the manifest and had a wrong length, since the last `takeForgotten`.
  private var forgotten: [Range<UInt64>] = []

  /// A set with these numbers and the XXH3-128 of its manifest, without any chunk. Throws `notEnoughSpace`
  /// when the inbox has too little space.
  package init(shape: SetShape, identity: SetIdentity, store: PartStore) throws(FileSetError) {
    let resumed = store.takeUp(PartKey(shape: shape, identity: identity))
    let isHere = resumed?.byteCount ?? 0
    try store.checkFreeSpace(byteCount: shape.fileByteCount - min(isHere, shape.fileByteCount))
    self.shape = shape
    self.identity = identity
    self.store = store
    lengths = ChunkLengths(shape)
    manifestBytes = GatheredBytes(byteCount: shape.manifestByteCount)
    if let resumed { take(resumed) }
  }

  /// Begins with what an earlier session of the set has left.
  private func take(_ resumed: ResumedParts) {
    manifestBytes.release()
    manifest = resumed.manifest
    layout = resumed.layout
    digests = resumed.digests
    delivered = resumed.delivered
    resumedChunks = resumed.allChunks
    acceptedChunkCount = resumedChunks.reduce(0) { $0 + UInt64($1.count) }
    events.append(.manifestKnown(resumed.manifest))
    for file in resumed.wholeFiles { noteArrival(of: file) }
    whole.appendEmptyFiles(of: resumed.manifest)
  }

  /// Whether every chunk of the set is here, so that `settle` can come to an end.
  package var hasAllChunks: Bool { acceptedChunkCount == shape.chunkCount }

  /// Whether `chunk`, below the set's total, has as many bytes as it must. Before the manifest is known a
  /// file's chunk may have any length up to that of a full chunk: `takeForgotten` returns those that were
  /// wrong.
  package func hasRightLength(_ chunk: UInt32, payloadByteCount: Int) -> Bool {
    lengths.isRight(chunk, payloadByteCount: payloadByteCount, layout: layout)
  }

  /// Chunks that turned out to be unusable since the last call. The caller asks for them again.
  package func takeForgotten() -> [Range<UInt64>] {
    guard !forgotten.isEmpty else { return [] }
    defer { forgotten = [] }
    return forgotten
  }

  /// Takes the consecutive chunks `first` ..< `first` + `count`. No chunk may be given twice.
  ///
  /// Chunk i's payload lies at `base` + i · `stride` + `payloadOffset`. Each is full but the last, which has
  /// `lastPayloadByteCount` bytes. `payloadChecksums` has their CRC32s. Either all chunks are kept or none.
  /// Throws `cannotStore` or `diskFull`, and on the manifest's last chunk `invalidManifest`, `unsafeName` and
  /// `identityMismatch`.
  package func accept(
    first: UInt32, count: Int, base: UnsafeRawPointer, stride: Int, payloadOffset: Int,
    lastPayloadByteCount: Int,
    payloadChecksums: UnsafeBufferPointer<UInt32>
  ) throws(FileSetError) -> AcceptOutcome {
    guard count > 0, UInt64(first) + UInt64(count) <= shape.chunkCount,
      let checksums = payloadChecksums.baseAddress, payloadChecksums.count >= count
    else { return .wrongChunkSize }
    let run = PayloadRun(
      first: first, count: count, base: base + payloadOffset, stride: stride,
      lastByteCount: lastPayloadByteCount,
      checksums: checksums)
    return try accept(run)
  }

  /// Whether `settle` has something to do.
  package var canSettle: Bool { !whole.isEmpty }

  /// Verifies complete files, gives them their names and reports them: at most `limit` files, so that a loop
  /// can do other work in between. Returns how the set ended; nil while that is not known.
  package func settle(atMost limit: Int = .max) -> SetOutcome? {
    guard let manifest, let digests else { return nil }
    var left = limit
    while left > 0, let file = whole.next(manifest) {
      settle(file, manifest.entries[file], digests.digests(ofFile: file))
      left -= 1
    }
    return whole.takenCount == manifest.entries.count ? outcome : nil
  }

  /// The next thing that happened, nil when all are told.
  package func nextEvent() -> ReceivedEvent? { events.next() }

  /// The outcome when the set ends now: every file that does not have its name yet is a failure. The parts
  /// are removed with the store.
  package func abandon() -> SetOutcome {
    _ = settle()
    guard let manifest, let digests else { return outcome }
    var result = outcome
    for file in manifest.entries.indices where digests.missingChunkCounts[file] > 0 {
      result.failures.append(
        FileFailure(
          file: file,
          error: .incomplete(
            name: manifest.entries[file].name, missingChunkCount: digests.missingChunkCounts[file])))
    }
    return result
  }
}

extension ReceivedSet {
  private func accept(_ run: PayloadRun) throws(FileSetError) -> AcceptOutcome {
    if let layout { return try acceptInPlace(run, layout) }
    guard let parts = partsBeforeManifest(run) else { return .wrongChunkSize }
    let fileByteCount = parts.files.map { ($0.count - 1) * shape.chunkByteCount + $0.lastByteCount } ?? 0
    guard fileByteCount == 0 || held.canHold(byteCount: fileByteCount) else { return .noRoomYet }
    acceptedChunkCount += UInt64(run.count)
    if let files = parts.files { held.hold(files, chunkByteCount: shape.chunkByteCount) }
    if let manifest = parts.manifest {
      gather(manifest)
      if manifestBytes.isWhole { try readManifest() }
    }
    return .accepted
  }

  /// Keeps a run when the layout is known: checks all lengths first, then stores each part.
  private func acceptInPlace(_ run: PayloadRun, _ layout: SetLayout) throws(FileSetError) -> AcceptOutcome {
    var done = 0
    while done < run.count {
      let place = layout.run(from: run.first + UInt32(done), limit: run.count - done, hint: &hint)
      done += place.count
      let given = done == run.count ? run.lastByteCount : layout.chunkByteCount
      guard given == place.lastByteCount else { return .wrongChunkSize }
    }
    done = 0
    while done < run.count {
      let place = layout.run(from: run.first + UInt32(done), limit: run.count - done, hint: &hint)
      var piece = run
      piece.first = place.first
      piece.count = place.count
      piece.base = run.payload(at: done)
      piece.checksums = run.checksums + done
      piece.lastByteCount = place.lastByteCount
      switch place.kind {
      case .manifest: break
      case .file(let file): try store(piece, at: place, file: file)
      }
      done += place.count
    }
    acceptedChunkCount += UInt64(run.count)
    return .accepted
  }

  private func store(_ run: PayloadRun, at place: ChunkRun, file: Int) throws(FileSetError) {
    let left = layout.map { $0.fileByteCounts[file] - min($0.fileByteCounts[file], place.offset) } ?? 0
    let dataByteCount = Int(min(UInt64(place.byteCount), left))
    if dataByteCount > 0 {
      try store.write(
        file: file, offset: place.offset, base: run.base, stride: run.stride,
        chunkByteCount: shape.chunkByteCount, byteCount: dataByteCount)
    }
    let digest =
      dataByteCount < place.byteCount ? takeDigest(run, place, file: file, from: dataByteCount) : 0
    store.map?.add(place, file: file, checksums: run.checksums, digest: digest)
    if digests?.add(place, file: file, checksums: run.checksums) == true { noteArrival(of: file) }
  }

  /// Takes the bytes behind the run's first `dataByteCount`. Returns them, each at its place in the digest.
  private func takeDigest(
    _ run: PayloadRun, _ place: ChunkRun, file: Int, from dataByteCount: Int
  ) -> UInt32 {
    guard let fileByteCount = layout?.fileByteCounts[file] else { return 0 }
    var digest: UInt32 = 0
    for position in dataByteCount..<place.byteCount {
      let (chunk, inner) = position.quotientAndRemainder(dividingBy: shape.chunkByteCount)
      let byte = run.payload(at: chunk).load(fromByteOffset: inner, as: UInt8.self)
      let index = Int(place.offset + UInt64(position) - fileByteCount)
      digests?.addDigestByte(byte, at: index, ofFile: file)
      digest |= UInt32(byte) << UInt32(8 * index)
    }
    return digest
  }

  private func noteArrival(of file: Int) {
    whole.append(file)
    events.append(.fileArrived(file: file, partPath: store.partPath(ofFile: file)))
  }

  /// Copies the manifest's payloads to their places.
  private func gather(_ run: PayloadRun) {
    for index in 0..<run.count {
      let offset = (Int(run.first) + index) * shape.chunkByteCount
      let length = index == run.count - 1 ? run.lastByteCount : shape.chunkByteCount
      manifestBytes.put(UnsafeRawBufferPointer(start: run.payload(at: index), count: length), at: offset)
    }
  }

  /// Reads the whole manifest, compares it with the announce, and puts the held chunks into place.
  private func readManifest() throws(FileSetError) {
    let computed = manifestBytes.withSpan { SetIdentity(of: $0) }
    guard computed == identity else {
      throw .identityMismatch(expected: identity.description, computed: computed.description)
    }
    let manifest = try manifestBytes.withSpan { bytes throws(FileSetError) in try Manifest(decoding: bytes) }
    let layout = try SetLayout(
      manifestByteCount: shape.manifestByteCount, fileByteCounts: manifest.entries.map(\.byteCount),
      chunkByteCount: shape.chunkByteCount)
    guard layout.shape == shape else {
      throw .invalidManifest(reason: "it does not have the announced sizes")
    }
    let key = PartKey(shape: shape, identity: identity)
    manifestBytes.withSpan { store.beginMap(key, manifest: $0) }
    manifestBytes.release()
    self.manifest = manifest
    self.layout = layout
    digests = FileDigests(layout: layout)
    events.append(.manifestKnown(manifest))
    whole.appendEmptyFiles(of: manifest)
    for piece in held.takeAll() { try placeHeld(piece, layout) }
  }

  /// Stores chunks that arrived before the manifest. The caller has counted them as present. Chunks of a
  /// wrong length are forgotten, together with the rest of their run.
  private func placeHeld(_ piece: HeldChunks.Piece, _ layout: SetLayout) throws(FileSetError) {
    guard !piece.isRebuilt else { return try placeRebuilt(piece) }
    let outcome = try piece.payload.span.withUnsafeBytes { payload throws(FileSetError) -> AcceptOutcome in
      try piece.checksums.span.withUnsafeBufferPointer { checksums throws(FileSetError) -> AcceptOutcome in
        guard let base = payload.baseAddress, let first = checksums.baseAddress else {
          return .wrongChunkSize
        }
        acceptedChunkCount -= UInt64(checksums.count)
        return try acceptInPlace(
          PayloadRun(
            first: piece.first, count: checksums.count, base: base, stride: shape.chunkByteCount,
            lastByteCount: piece.lastByteCount, checksums: first), layout)
      }
    }
    guard outcome == .accepted else {
      forgotten.append(UInt64(piece.first)..<UInt64(piece.first) + UInt64(piece.checksums.count))
      return
    }
  }

  private func noteVerified(_ file: Int, path: String) {
    outcome.verifiedFileCount += 1
    events.append(.fileVerified(file: file, path: path))
  }

  private func settle(
    _ file: Int, _ entry: ManifestEntry, _ digests: (sent: UInt32, computed: UInt32)
  ) {
    let (sent, computed) = digests
    if entry.byteCount == 0 {
      events.append(.fileArrived(file: file, partPath: store.partPath(ofFile: file)))
    }
    do throws(FileSetError) {
      guard sent == computed else {
        throw .checksumMismatch(name: entry.name, expected: sent, computed: computed)
      }
      if delivered.contains(file) { return noteVerified(file, path: store.path(of: entry)) }
      try store.settle(file: file, entry: entry)
      let path = try store.deliver(file: file, entry: entry, checksum: computed)
      noteVerified(file, path: path)
    } catch {
      store.discard(file: file)
      outcome.failures.append(FileFailure(file: file, error: error))
      events.append(.fileFailed(file: file, error: error))
    }
  }
}
