import Checksum
import FileSet
import Ground
import NIOCore
import Wire

/// What a session's frames become at the receiver: files, in manifest order, each verified and visible as
/// soon as its digest is here. What earlier sessions have left is not asked for. Knows no socket. One owner.
final class StreamInbox {
  /// How long files of earlier sessions are settled in one turn of the event loop.
  private static let settlingNanoseconds: Int64 = 20_000_000

  let hello: StreamHello
  /// Bytes of files that came in this session.
  private(set) var receivedByteCount: UInt64 = 0
  /// Bytes of files that are left out because they are here, and those that came.
  private(set) var hereByteCount: UInt64 = 0
  private(set) var verifiedFileCount = 0
  private(set) var failures: [FailedFile] = []
  /// Of the files that are verified, those of earlier sessions.
  private(set) var earlierFileCount = 0
  private(set) var hasNothingNew = false
  /// The sender knows what is lacking.
  var isAnswered: Bool { phase != .manifest && phase != .comparing }

  private let store: PartStore
  private let onFile: (FileArrival) -> Void
  private let peer: String
  private var phase = Phase.manifest
  private var manifestBytes: [UInt8] = []
  private var entries: [ManifestEntry] = []
  /// Nil until the manifest is known.
  private var files: ReceivedSet?
  /// What the sender sends, in order: those files of which something is lacking.
  private var lacking: [StreamRun] = []
  private var lackingFileCount = 0
  private var lackingByteCount: UInt64 = 0
  /// The run of the file at hand, and the number of this file in it.
  private var position = 0
  private var fileInRun = 0
  /// The file at hand; nil behind the last one.
  private var row: StreamRow?

  private enum Phase { case manifest, comparing, files, ended }

  /// What a frame leads to.
  enum Answer {
    case nothing
    /// The manifest is here: `compare` is to be called until it has an answer.
    case compare
    case complete(StreamComplete)
  }

  /// The answer to a hello: room for the files. Throws `protocolViolation` when the numbers are impossible,
  /// `fileSet` when there is not room enough, or when the inbox cannot be made.
  init(
    _ hello: StreamHello, inbox: InboxOptions, peer: String, onFile: @escaping (FileArrival) -> Void
  ) throws(TransportError) {
    self.hello = hello
    self.peer = peer
    self.onFile = onFile
    let isPossible =
      ManifestSize.isPossible(byteCount: Int(hello.manifestByteCount), fileCount: Int(hello.fileCount))
      && hello.fileByteCount <= UInt64(Int64.max)
    guard isPossible else {
      throw .protocolViolation(peer: peer, text: "a hello with impossible sizes")
    }
    guard hello.sessionID != 0 else {
      throw .protocolViolation(peer: peer, text: "a hello with session id 0")
    }
    do throws(FileSetError) {
      store = try PartStore(
        inboxPath: inbox.path, identity: hello.identity, chunkByteCount: StreamRow.chunkByteCount,
        resumes: inbox.resumes, overwrite: inbox.overwrite, recordsPath: inbox.recordsPath,
        verifies: inbox.verifies)
      // What may be here is known with the manifest.
      if !store.mayHaveSome { try store.checkFreeSpace(byteCount: hello.fileByteCount) }
    } catch {
      throw .fileSet(error)
    }
  }

  /// Takes the next event of the parser, whose ranges lie in `input`. None may be given while the disk is
  /// full.
  ///
  /// Throws `protocolViolation` for a frame that may not come here, `fileSet` for a bad manifest and when
  /// bytes cannot be stored. A file that cannot be verified or put into place is a failure of its own and
  /// ends nothing.
  func take(_ event: StreamEvent, of input: UnsafeRawBufferPointer) throws(TransportError) -> Answer {
    do throws(FileSetError) {
      switch (event, phase) {
      case (.manifestBytes(let range), .manifest):
        guard try takeManifest(UnsafeRawBufferPointer(rebasing: input[range])) else { break }
        return phase == .comparing ? .compare : .nothing
      case (.fileBytes(let header, let range), .files):
        guard try takeData(header, UnsafeRawBufferPointer(rebasing: input[range])) else { break }
        return .nothing
      case (.digest(let digest), .files):
        guard try takeDigest(digest) else { break }
        return .nothing
      case (.reading, .files):
        guard let row, row.heldByteCount > 0, row.fileDone == entries[row.file].byteCount else { break }
        return .nothing
      case (.end(let end), .files):
        guard row == nil, end.fileCount == UInt32(clamping: lackingFileCount),
          end.fileByteCount == lackingByteCount
        else { break }
        phase = .ended
        return complete.map { .complete($0) } ?? .nothing
      default: break
      }
    } catch {
      throw .fileSet(error)
    }
    throw .protocolViolation(peer: peer, text: "a frame \"\(event.type)\" that does not fit here")
  }

  /// Settles files of earlier sessions for some milliseconds, and then says what is lacking; nil while some
  /// are left to settle, and while the disk is full: a file behind the one that waits for its name may turn
  /// out to have other bytes.
  func compare() -> [StreamRest]? {
    guard let files, phase == .comparing else { return nil }
    let end = NIODeadline.now() + .nanoseconds(Self.settlingNanoseconds)
    while files.canSettle {
      settle(atMost: 1)
      if files.canSettle, NIODeadline.now() > end { return nil }
    }
    guard !files.isFull else { return nil }
    _ = files.takeForgotten()  // files of the inbox with other bytes: they are lacking
    files.forEachLackingFile { file, heldChunkCount in
      let held = heldChunkCount * UInt64(StreamRow.chunkByteCount)
      let byteCount = entries[file].byteCount
      lacking.append(file: file, offset: min(held, byteCount))
      lackingFileCount += 1
      lackingByteCount += byteCount - min(held, byteCount)
    }
    hereByteCount = hello.fileByteCount - min(hello.fileByteCount, lackingByteCount)
    phase = .files
    beginFile(staged: [])
    return StreamRest.frames(lacking)
  }

  // MARK: A full disk

  /// Why the disk takes nothing; nil while it does.
  var shortage: FileSetError? { files?.shortage }
  var isFull: Bool { files?.isFull ?? false }

  /// What the full disk lacks for the rest of the set, in KiB; 0 when it is not full.
  var missingKibibytes: UInt32 {
    let bytes = files?.missingByteCount ?? 0
    return UInt32(clamping: bytes >> 10 + (bytes & 1_023 == 0 ? 0 : 1))
  }

  /// Looks whether the full disk has room again, about once in a second, and stores what waits; before the
  /// sender has its answer, `compare` does. Returns the answer to the end frame, when that has come before.
  /// Throws `fileSet`.
  func tryStorage() throws(TransportError) -> StreamComplete? {
    guard let files else { return nil }
    files.tryStorage()
    guard !files.isFull, isAnswered else { return nil }
    do throws(FileSetError) {
      try row?.retry(into: files)
    } catch { throw .fileSet(error) }
    settle()
    endFile()
    return phase == .ended && !files.isFull ? complete : nil
  }

  // MARK: The end

  /// Writes down what is here, for a later session; some times a second.
  func save(now: Instant) { files?.save(now: now) }

  /// Removes what is not whole, or leaves it for a later session of the files. Returns whether it does.
  func close(keepsParts: Bool) -> Bool {
    guard let files else {
      // Before the manifest, what an earlier session has left stays as it is.
      store.close(keepsParts: true)
      return false
    }
    return files.close(keepsParts: keepsParts)
  }

  /// How the session ended, for the sender; nil while files wait for room on the disk.
  private var complete: StreamComplete? {
    guard let outcome = files?.settle() else { return nil }
    tellEvents()
    earlierFileCount = outcome.earlierFileCount
    hasNothingNew = outcome.hasNothingNew
    return StreamComplete(
      verifiedFileCount: UInt32(clamping: outcome.verifiedFileCount),
      failedFileCount: UInt32(clamping: outcome.failures.count), status: outcome.completeStatus,
      text: outcome.completeText)
  }
}

extension StreamInbox {
  private func takeManifest(_ bytes: UnsafeRawBufferPointer) throws(FileSetError) -> Bool {
    guard manifestBytes.count + bytes.count <= Int(hello.manifestByteCount) else { return false }
    manifestBytes.append(contentsOf: bytes)
    guard manifestBytes.count == Int(hello.manifestByteCount) else { return true }
    let identity = SetIdentity(of: manifestBytes.span)
    guard identity == hello.identity else {
      throw .identityMismatch(expected: hello.identity.description, computed: identity.description)
    }
    let manifest = try Manifest(decoding: manifestBytes.span)
    guard manifest.entries.count == Int(hello.fileCount), manifest.fileByteCount == hello.fileByteCount else {
      throw .invalidManifest(reason: "it does not have the announced sizes")
    }
    entries = manifest.entries
    try open(manifest)
    manifestBytes = []
    phase = .comparing
    return true
  }

  private func open(_ manifest: Manifest) throws(FileSetError) {
    let layout = try SetLayout(
      manifestByteCount: manifestBytes.count, fileByteCounts: entries.map(\.byteCount),
      chunkByteCount: StreamRow.chunkByteCount)
    store.adopt(PartKey(shape: layout.shape, identity: hello.identity))
    let files = try ReceivedSet(shape: layout.shape, identity: hello.identity, store: store, inOrder: true)
    self.files = files
    try files.accept(manifest, encoded: manifestBytes)
  }

  /// Stores a piece of the file at hand; false when it is not the next one.
  private func takeData(
    _ header: StreamDataHeader, _ bytes: UnsafeRawBufferPointer
  ) throws(FileSetError) -> Bool {
    guard let files, let file = row?.file, let done = row?.fileDone, header.file == UInt32(file),
      header.offset == done, UInt64(bytes.count) <= entries[file].byteCount - done
    else { return false }
    try row?.take(bytes, into: files)
    receivedByteCount += UInt64(bytes.count)
    hereByteCount += UInt64(bytes.count)
    return true
  }

  /// Verifies the file at hand and makes it visible; false when it is not the one, or not whole.
  private func takeDigest(_ digest: StreamDigest) throws(FileSetError) -> Bool {
    guard let files, let file = row?.file, digest.file == UInt32(file),
      row?.fileDone == entries[file].byteCount
    else { return false }
    try row?.take(digest: digest.checksum, into: files)
    endFile()
    return true
  }

  /// Goes on with the next file, when the one at hand is stored.
  private func endFile() {
    guard row?.isStored ?? false else { return }
    settle()
    beginFile(staged: row?.takeStaged() ?? [])
  }

  private func beginFile(staged: consuming [UInt8]) {
    row = nil
    guard let files, let layout = files.layout, position < lacking.count else { return }
    let run = lacking[position]
    let file = Int(run.file) + fileInRun
    fileInRun += 1
    if fileInRun == Int(run.count) { (position, fileInRun) = (position + 1, 0) }
    row = StreamRow(
      file: file, byteCount: entries[file].byteCount, chunks: layout.chunks(ofFile: file),
      heldChunkCount: files.heldChunkCount(ofFile: file), staged: staged)
  }

  private func settle(atMost limit: Int = .max) {
    _ = files?.settle(atMost: limit)
    tellEvents()
  }

  private func tellEvents() {
    while let event = files?.nextEvent() {
      switch event {
      case .manifestKnown, .fileArrived: break
      case .fileVerified(let file, let path):
        verifiedFileCount += 1
        onFile(
          FileArrival(
            index: file, name: entries[file].name, path: path, byteCount: entries[file].byteCount,
            fileCount: entries.count))
      case .fileFailed(let file, let error):
        failures.append(FailedFile(name: entries[file].name, error))
      }
    }
  }
}
