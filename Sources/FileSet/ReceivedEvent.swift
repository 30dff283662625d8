/// What became of a received run of chunks.
package enum AcceptOutcome: Equatable, Sendable {
  /// All chunks are kept.
  case accepted
  /// No chunk is kept: a payload does not have the length that the set's layout gives it, or the run lies
  /// beyond the set.
  case wrongChunkSize
  /// No chunk is kept: the manifest is not complete yet, and the memory for chunks before it is used up. Ask
  /// for the chunks again later.
  case noRoomYet
}

/// An event of a set while it is received. `ReceivedSet.nextEvent` returns the events in order.
package enum ReceivedEvent: Equatable, Sendable {
  /// The manifest is whole, and is the announced one.
  case manifestKnown(Manifest)
  /// All bytes of a file are here, but they are not verified yet. They can be read at this path.
  case fileArrived(file: Int, partPath: String)
  /// The file's CRC32 is the sender's, and the file has its name.
  case fileVerified(file: Int, path: String)
  /// The file was damaged or could not be stored under its name; its part is gone.
  case fileFailed(file: Int, error: FileSetError)
}

/// How a whole set ended.
package struct SetOutcome: Equatable, Sendable {
  /// Files in place, verified.
  package var verifiedFileCount = 0
  /// Of these, the ones that were in the inbox before the session, and those with bytes that it brought.
  package var earlierFileCount = 0
  package var newFileCount = 0
  /// The other files, with what hindered each.
  package var failures: [FileFailure] = []

  package var isWhole: Bool { failures.isEmpty }
  /// The session brought no file: all were there. Empty files do not count.
  package var hasNothingNew: Bool { newFileCount == 0 && earlierFileCount > 0 && isWhole }

  package init() {}
}

/// One file that did not arrive.
package struct FileFailure: Equatable, Sendable {
  /// The file's index in the manifest.
  package var file: Int
  package var error: FileSetError

  package init(file: Int, error: FileSetError) {
    self.file = file
    self.error = error
  }
}
