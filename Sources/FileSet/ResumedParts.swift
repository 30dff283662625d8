import Checksum
import Glibc
import Ground
import Keys
import Wire

/// What a work folder has of a set, after its map was read and compared with the parts, Specs/resume.md.
struct ResumedParts {
  let manifest: Manifest
  let layout: SetLayout
  /// Of the chunks that are here.
  var digests: FileDigests
  /// The files' chunks that are here, ascending.
  var chunks: [Range<UInt64>] = []
  /// Their bytes, with those of digests.
  var byteCount: UInt64 = 0
  /// Files of which every chunk is here; those in `delivered` have their names already.
  var wholeFiles: [Int] = []
  var delivered: Set<Int> = []

  /// The chunks of the manifest and of files, ascending.
  var allChunks: [Range<UInt64>] { [layout.manifestChunks] + chunks }
}

extension PartStore {
  /// Reads what the dead session left in the work folder that was taken over. Nil when nothing of it is of
  /// use; the folder is empty then. The folder's contents may be hostile. `manifestDigest`: of a signed set.
  /// `inOrder`: of use are only the chunks before the first one of their file that is lacking.
  func takeUp(_ key: PartKey, manifestDigest: [UInt8]? = nil, inOrder: Bool = false) -> ResumedParts? {
    guard work.isTakenOver, key == self.key else { return nil }
    guard let layout = readManifest(key, manifestDigest),
      let bytes = readWorkFile(PartMap.fileName, key.mapByteCountLimit),
      let contents = PartMap.read(bytes.span, key: key)
    else {
      WorkFolder.empty(work.descriptor)
      return nil
    }
    let (manifest, setLayout) = layout
    var selection = PartMapSelection(contents, manifest: manifest, layout: setLayout)
    selection.compare(with: self, bytes.span)
    if inOrder { selection.keepBeginnings() }
    descriptors.closeAll()  // a part that is removed now may be open
    let stays = Set(selection.partFiles.map { WorkFolder.partName($0) })
    WorkFolder.empty(work.descriptor) {
      stays.contains($0) || $0 == PartMap.fileName || $0 == PartMap.manifestName
    }
    guard let writer = openMap(key, selection, bytes, contents) else {
      WorkFolder.empty(work.descriptor)
      return nil
    }
    map = PartMapKeeper(writer, files: selection.unsyncedFiles)
    return selection.resumed(bytes.span)
  }

  private func readManifest(_ key: PartKey, _ manifestDigest: [UInt8]?) -> (Manifest, SetLayout)? {
    guard let bytes = readWorkFile(PartMap.manifestName, key.shape.manifestByteCount),
      SetIdentity(of: bytes.span) == key.identity,
      manifestDigest.map({ digest in bytes.withUnsafeBytes { SHA256.digest($0) } == digest }) ?? true,
      let manifest = try? Manifest(decoding: bytes.span, isSigned: manifestDigest != nil),
      let layout = try? SetLayout(
        manifestByteCount: bytes.count, fileByteCounts: manifest.entries.map(\.byteCount),
        chunkByteCount: key.shape.chunkByteCount),
      layout.shape == key.shape
    else { return nil }
    return (manifest, layout)
  }

  /// A file of the work folder; nil when it is longer than `limit`, or no file of this user alone.
  private func readWorkFile(_ name: String, _ limit: Int) -> [UInt8]? {
    guard let byteCount = KeptFolders.regularFileByteCount(name, in: work.descriptor),
      byteCount <= UInt64(limit)
    else { return nil }
    let number = openat(work.descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = OwnedDescriptor(number)
    return [UInt8](unsafeUninitializedCapacity: Int(byteCount)) { buffer, count in
      while count < buffer.count {
        let (offset, start) = (off_t(count), buffer.baseAddress.map { $0 + count })
        let read = retryingInterrupts { pread(file.number, start, buffer.count - count, offset) }
        guard read > 0 else { return }
        count += read
      }
    }
  }

  /// The map to append to. Its torn end is cut off. A map with records that are of no use is written anew,
  /// because it may get a second record of the same chunks.
  private func openMap(
    _ key: PartKey, _ selection: PartMapSelection, _ bytes: [UInt8], _ contents: PartMap.Contents
  ) -> PartMapWriter? {
    var end = contents.soundEnd
    if selection.isCut {
      let draft = selection.rewritten(bytes, header: PartMap.header(key))
      end = draft.count
      guard write(draft.span, to: PartMap.draftName) else { return nil }
      let number = openat(work.descriptor, PartMap.draftName, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
      guard number >= 0 else { return nil }
      let file = OwnedDescriptor(number)
      guard fdatasync(file.number) == 0,
        renameat(work.descriptor, PartMap.draftName, work.descriptor, PartMap.fileName) == 0
      else { return nil }
    }
    let descriptor = openat(work.descriptor, PartMap.fileName, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    let writer = PartMapWriter(descriptor: descriptor, end: UInt64(end))
    return ftruncate(descriptor, off_t(end)) == 0 ? writer : nil
  }
}

extension PartKey {
  fileprivate var mapByteCountLimit: Int { PartMap.byteCountLimit(chunkCount: shape.chunkCount) }
}
