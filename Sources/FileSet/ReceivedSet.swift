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
  /// Chunks that an earlier session has left, ascending.
  package private(set) var resumedChunks: [Range<UInt64>] = []
  /// Files that have their names from an earlier session.
  var delivered: Set<Int> = []
  /// The files of earlier sessions in the inbox; nil when none is known, and when the manifest was compared.
  private var known: KnownFiles?
  /// Chunks of files that turned out to be in the inbox, since the last `takeRecognised`.
  private var recognised: [Range<UInt64>] = []
  /// Chunks kept so far.
  package internal(set) var acceptedChunkCount: UInt64 = 0

  var manifestBytes: GatheredBytes
  /// The manifest's bytes once more, when a block needs them.
  lazy var encodedManifest = manifest?.encoded() ?? []
  var digests: FileDigests?
  var held = HeldChunks()
  var events = ReceivedEventQueue()
  var whole = WholeFiles()
  var outcome = SetOutcome()
  /// SHA-256 of the manifest that the sender signed; nil when it signed none.
  let manifestDigest: [UInt8]?
  /// What was free when the session began; nil when the file system does not say.
  private let freeAtStart: UInt64?
  var checks = SegmentChecks()
  var hint = 0
  private var lengths: ChunkLengths
  /// Why the disk takes no more bytes; nil while it does. Whole files then wait for their names.
  package internal(set) var shortage: FileSetError?
  var postponed: [Int] = []
  /// Chunks that were kept before the manifest and had a wrong length, those of files that were changed in
  /// the inbox, and those for which the disk had no room, since the last `takeForgotten`.
  var forgotten: [Range<UInt64>] = []

  /// A set with these numbers and the XXH3-128 of its manifest, without any chunk. `manifestDigest`: the
  /// manifest's SHA-256, of a signed set. `inOrder`: of a file that an earlier session has left in part, only
  /// the chunks before its first lacking one are taken up. Throws `notEnoughSpace` when the inbox has too
  /// little space.
  package init(
    shape: SetShape, identity: SetIdentity, store: PartStore, manifestDigest: [UInt8]? = nil,
    inOrder: Bool = false
  ) throws(FileSetError) {
    let resumed = store.takeUp(
      PartKey(shape: shape, identity: identity), manifestDigest: manifestDigest, inOrder: inOrder)
    self.manifestDigest = manifestDigest
    known = store.knownFiles()
    // What of these the set has in common with the inbox is known with the manifest.
    let isHere = (resumed?.byteCount ?? 0).addingReportingOverflow(known?.byteCount ?? 0)
    let byteCount = shape.fileByteCount
    try store.checkFreeSpace(byteCount: isHere.overflow ? 0 : byteCount - min(isHere.partialValue, byteCount))
    freeAtStart = store.availableByteCount
    self.shape = shape
    self.identity = identity
    self.store = store
    lengths = ChunkLengths(shape)
    manifestBytes = GatheredBytes(byteCount: shape.manifestByteCount)
    if let resumed { try take(resumed) }
  }

  /// Begins with what an earlier session of the set has left.
  private func take(_ resumed: ResumedParts) throws(FileSetError) {
    manifestBytes.release()
    manifest = resumed.manifest
    layout = resumed.layout
    digests = resumed.digests
    delivered = resumed.delivered
    resumedChunks = resumed.allChunks
    acceptedChunkCount = resumedChunks.reduce(0) { $0 + UInt64($1.count) }
    events.append(.manifestKnown(resumed.manifest))
    for file in resumed.wholeFiles { noteArrival(of: file) }
    try recognise(resumed.manifest, resumed.layout)
    resumedChunks = (resumedChunks + takeRecognised()).sorted { $0.lowerBound < $1.lowerBound }
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

  /// Chunks of files that are in the inbox from an earlier session, since the last call; ascending. They need
  /// not be received.
  package func takeRecognised() -> [Range<UInt64>] {
    guard !recognised.isEmpty else { return [] }
    defer { recognised = [] }
    return recognised
  }

  /// Takes the consecutive chunks `first` ..< `first` + `count`. No chunk may be given twice.
  ///
  /// Chunk i's payload lies at `base` + i · `stride` + `payloadOffset`. Each is full but the last, which has
  /// `lastPayloadByteCount` bytes. `payloadChecksums` has their CRC32s. Either all chunks are kept or none,
  /// but on a full disk: `takeForgotten` then has those that are not. Throws `cannotStore`, and on the
  /// manifest's last chunk `invalidManifest`, `unsafeName` and `identityMismatch`.
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
    var storedCount = 0
    while done < run.count {
      let place = layout.run(from: run.first + UInt32(done), limit: run.count - done, hint: &hint)
      var piece = run
      piece.first = place.first
      piece.count = place.count
      piece.base = run.payload(at: done)
      piece.checksums = run.checksums + done
      piece.lastByteCount = place.lastByteCount
      switch place.kind {
      case .manifest: storedCount += place.count
      case .file(let file):
        switch try storeUnlessFull(piece, at: place, file: file) {
        case .stored: storedCount += place.count
        case .hereBefore: break
        case .noRoom: forgotten.append(UInt64(place.first)..<UInt64(place.first) + UInt64(place.count))
        }
      }
      done += place.count
    }
    acceptedChunkCount += UInt64(storedCount)
    return .accepted
  }

  func noteArrival(of file: Int) {
    whole.append(file)
    // What may be forged is shown to nobody before it was compared.
    if manifest?.segments == nil { tellArrival(of: file) }
  }

  func tellArrival(of file: Int) {
    let isDelivered = !delivered.isEmpty && delivered.contains(file)
    let path = isDelivered ? manifest.map { store.path(of: $0.entries[file]) } : nil
    events.append(.fileArrived(file: file, partPath: path ?? store.partPath(ofFile: file)))
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
    guard computed == identity, manifestBytes.withSpan({ isSignedManifest($0) }) else {
      if forgetManifest() { return }
      throw .identityMismatch(expected: identity.description, computed: computed.description)
    }
    let manifest = try manifestBytes.withSpan { bytes throws(FileSetError) in
      try Manifest(decoding: bytes, isSigned: manifestDigest != nil)
    }
    let layout = try SetLayout(
      manifestByteCount: shape.manifestByteCount, fileByteCounts: manifest.entries.map(\.byteCount),
      chunkByteCount: shape.chunkByteCount)
    guard layout.shape == shape else {
      throw .invalidManifest(reason: "it does not have the announced sizes")
    }
    try manifestBytes.withSpan { (bytes) throws(FileSetError) in
      try take(manifest, layout, encoded: bytes)
    }
    manifestBytes.release()
    for piece in held.takeAll() { try placeHeld(piece, layout) }
  }

  /// The manifest is known. `encoded`: its bytes.
  func take(_ manifest: Manifest, _ layout: SetLayout, encoded: Span<UInt8>) throws(FileSetError) {
    store.beginMap(PartKey(shape: shape, identity: identity), manifest: encoded)
    self.manifest = manifest
    self.layout = layout
    digests = FileDigests(layout: layout)
    events.append(.manifestKnown(manifest))
    try recognise(manifest, layout)
    whole.appendEmptyFiles(of: manifest)
  }

  /// Takes the files that are in the inbox from an earlier session for received. Throws `notEnoughSpace` when
  /// there was too little for the others from the beginning. A disk that was filled since then is a full one.
  private func recognise(_ manifest: Manifest, _ layout: SetLayout) throws(FileSetError) {
    guard let known else { return }
    self.known = nil
    var byteCount: UInt64 = 0
    for (file, entry) in manifest.entries.enumerated() {
      let chunks = layout.chunks(ofFile: file)
      let missingCount = UInt64(digests?.missingChunkCounts[file] ?? 0)
      guard missingCount == chunks.count, !chunks.isEmpty,
        let checksum = store.recognise(entry, among: known)
      else {
        byteCount += min(entry.byteCount, missingCount * UInt64(shape.chunkByteCount))
        continue
      }
      digests?.addWhole(file, checksum: checksum)
      delivered.insert(file)
      recognised.append(chunks)
      acceptedChunkCount += UInt64(chunks.count)
      noteArrival(of: file)
    }
    do throws(FileSetError) { try store.checkFreeSpace(byteCount: byteCount) } catch {
      guard let freeAtStart, freeAtStart >= byteCount else { throw error }
      shortage = error
    }
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
}
