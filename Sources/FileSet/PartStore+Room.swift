import Glibc

/// Room on the inbox's file system.
extension PartStore {
  /// A full disk is used again when it has this much, or all that is needed.
  private static let roomByteCount: UInt64 = 16 << 20
  /// A part's ending, so that a file that a killed process has left is removed.
  private static let probeName = "probe" + WorkFolder.partEnding

  /// Bytes that this user may still write; nil when the file system does not say.
  var availableByteCount: UInt64? { freeByteCount(folders.inbox.number) }

  /// Throws `notEnoughSpace` when the inbox's file system has fewer than `byteCount` bytes free. Before, the
  /// parts of other sets that were kept for later make room.
  package func checkFreeSpace(byteCount: UInt64) throws(FileSetError) {
    guard let available = availableByteCount(wanted: byteCount), available < byteCount else { return }
    throw .notEnoughSpace(path: inboxPath, neededByteCount: byteCount, availableByteCount: available)
  }

  /// Whether a disk that was full has room again, for `byteCount` bytes or for many of them. A quota shows
  /// only when bytes are written, so some are.
  func hasRoomAgain(for byteCount: UInt64) -> Bool {
    let wanted = min(byteCount, Self.roomByteCount)
    if let available = availableByteCount(wanted: wanted), available < wanted { return false }
    let probe = [UInt8](repeating: 0x47, count: Int(min(max(wanted, 4_096), 65_536)))
    defer { _ = unlinkat(work.descriptor, Self.probeName, 0) }
    return write(probe.span, to: Self.probeName)
  }

  /// What is free when parts of other sets have made room for `wanted` bytes.
  private func availableByteCount(wanted: UInt64) -> UInt64? {
    var available = availableByteCount
    while let free = available, free < wanted, WorkFolder.removeOldestKept(inbox: folders.inbox.number) {
      available = availableByteCount
    }
    return available
  }
}
