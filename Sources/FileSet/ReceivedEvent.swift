/// What became of a received run of chunks.
package enum AcceptOutcome: Equatable, Sendable {
  /// All of it is kept.
  case accepted
  /// None of it is kept: a payload has not the length that the set's layout asks for, or the run lies beyond the set.
  case wrongChunkSize
  /// None of it is kept: the manifest is not whole yet and memory for what precedes it is used up. Ask again later.
  case noRoomYet
}

/// What happened to a set while it was received; `ReceivedSet.nextEvent` hands these out in order.
package enum ReceivedEvent: Equatable, Sendable {
  /// The manifest is whole, and is the announced one.
  case manifestKnown(Manifest)
  /// All bytes of a file are here, not verified yet; they can be read at this path.
  case fileArrived(file: Int, partPath: String)
  /// The file's CRC32 is the sender's, and it is in place.
  case fileVerified(file: Int, path: String)
  /// The file was damaged or could not be put into place; its part is gone.
  case fileFailed(file: Int, error: FileSetError)
}

/// How a whole set ended.
package struct SetOutcome: Equatable, Sendable {
  /// Files in place, verified.
  package var verifiedFileCount = 0
  /// The other files, with what hindered each.
  package var failures: [FileFailure] = []

  package var isWhole: Bool { failures.isEmpty }

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
