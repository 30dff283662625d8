import Checksum
import FileSet
import Ground
import Wire

/// What a session's frames become at the receiver: files, in manifest order, each verified and visible as
/// soon as its digest is here. Knows no socket. One owner.
final class StreamInbox {
  let hello: StreamHello
  /// Bytes of files that are stored.
  private(set) var receivedByteCount: UInt64 = 0
  private(set) var verifiedFileCount = 0
  private(set) var failures: [FailedFile] = []

  private let store: PartStore
  private let onFile: (FileArrival) -> Void
  private let peer: String
  private var phase = Phase.manifest
  private var manifestBytes: [UInt8] = []
  private var entries: [ManifestEntry] = []
  /// The file at hand, what is here of it, and the CRC32 of that.
  private var file = 0
  private var fileDone: UInt64 = 0
  private var checksum: UInt32 = 0
  private var storageFailed = false

  private enum Phase { case manifest, files, ended }

  /// The answer to a hello: room for the set. Throws `fileSet` when the numbers are impossible, when there is
  /// not room enough, or when the inbox cannot be made.
  init(
    _ hello: StreamHello, store: PartStore, peer: String, onFile: @escaping (FileArrival) -> Void
  ) throws(TransportError) {
    self.hello = hello
    self.store = store
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
      try store.checkFreeSpace(byteCount: hello.fileByteCount)
    } catch {
      throw .fileSet(error)
    }
  }

  /// Takes the next event of the parser, whose ranges lie in `input`. Returns the answer when it was the end.
  ///
  /// Throws `protocolViolation` for a frame that may not come here, `fileSet` for a bad manifest and when
  /// bytes cannot be stored. A file that cannot be verified or put into place is a failure of its own and
  /// ends nothing.
  func take(
    _ event: StreamEvent, of input: UnsafeRawBufferPointer
  ) throws(TransportError) -> StreamComplete? {
    do throws(FileSetError) {
      switch (event, phase) {
      case (.manifestBytes(let range), .manifest):
        guard try takeManifest(UnsafeRawBufferPointer(rebasing: input[range])) else { break }
        return nil
      case (.fileBytes(let header, let range), .files):
        guard try takeData(header, UnsafeRawBufferPointer(rebasing: input[range])) else { break }
        return nil
      case (.digest(let digest), .files):
        guard try takeDigest(digest) else { break }
        return nil
      case (.end(let end), .files):
        guard file == entries.count, end.fileCount == hello.fileCount,
          end.fileByteCount == hello.fileByteCount
        else { break }
        phase = .ended
        return complete
      default: break
      }
    } catch {
      throw .fileSet(error)
    }
    throw .protocolViolation(peer: peer, text: "a frame \"\(event.type)\" that does not fit here")
  }

  /// Removes what is not whole, before anybody is told that the session is over.
  func close() { store.close() }

  /// How the session ended, for the sender.
  private var complete: StreamComplete {
    let status: CompleteStatus =
      failures.isEmpty ? .whole : storageFailed ? .couldNotStore : .someFilesFailed
    return StreamComplete(
      verifiedFileCount: UInt32(verifiedFileCount), failedFileCount: UInt32(failures.count), status: status,
      text: failures.first?.reason ?? "")
  }

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
    manifestBytes = []
    phase = .files
    return true
  }

  /// Stores a piece of the file at hand; false when it is not the next one.
  private func takeData(
    _ header: StreamDataHeader, _ bytes: UnsafeRawBufferPointer
  ) throws(FileSetError) -> Bool {
    guard file < entries.count, header.file == UInt32(file), header.offset == fileDone,
      UInt64(bytes.count) <= entries[file].byteCount - fileDone
    else { return false }
    checksum = CRC32.checksum(bytes, continuing: checksum)
    try store.write(file: file, offset: fileDone, bytes)
    fileDone += UInt64(bytes.count)
    receivedByteCount += UInt64(bytes.count)
    return true
  }

  /// Verifies the file at hand and makes it visible; false when it is not the one, or not whole.
  private func takeDigest(_ digest: StreamDigest) throws(FileSetError) -> Bool {
    guard file < entries.count, digest.file == UInt32(file), fileDone == entries[file].byteCount else {
      return false
    }
    let entry = entries[file]
    try store.settle(file: file, entry: entry)
    do throws(FileSetError) {
      guard digest.checksum == checksum else {
        throw .checksumMismatch(name: entry.name, expected: digest.checksum, computed: checksum)
      }
      let path = try store.deliver(file: file, entry: entry, checksum: checksum)
      verifiedFileCount += 1
      onFile(
        FileArrival(
          index: file, name: entry.name, path: path, byteCount: entry.byteCount, fileCount: entries.count))
    } catch {
      store.discard(file: file)
      storageFailed = storageFailed || error.isStorageFailure
      failures.append(FailedFile(name: entry.name, error))
    }
    file += 1
    fileDone = 0
    checksum = 0
    return true
  }
}
