import Glibc

/// What a receiver does with its folder for each file.
package enum InboxStep: String, Equatable, Sendable {
  case openFolder = "making or opening the folder"
  case makeFile = "making a file in it"
  case write = "writing to a file in it"
  case publish = "giving a file its name"
  case remove = "removing a file from it"
}

/// Tries a receiver's folder before the receiver listens. So a folder that cannot store files is found before
/// a sender sends them.
package enum InboxTrial {
  /// Makes the folder when it does not exist. Then makes, writes, publishes and removes a small file in it,
  /// by the same steps as a session. Throws `unusableInbox`.
  package static func run(inboxPath: String, overwrite: Bool = false) throws(FileSetError) {
    var step = InboxStep.openFolder
    do throws(FileSetError) {
      _ = try InboxFolders(inboxPath: inboxPath)
      step = .makeFile
      let store = try PartStore(
        inboxPath: inboxPath, sessionID: .random(in: 1 ... .max), overwrite: overwrite)
      step = .write
      try "trial".utf8CString.span.withUnsafeBytes { bytes throws(FileSetError) in
        try store.write(file: 0, offset: 0, bytes)
      }
      try store.settle(
        file: 0,
        entry: ManifestEntry(byteCount: 6, modificationTimeNanoseconds: 0, mode: 0o600, name: "trial"))
      step = .publish
      try store.publishTrial()
      step = .remove
      try store.removeTrial()
    } catch {
      throw .unusableInbox(path: inboxPath, step: step, errno: error.errno)
    }
  }
}

extension FileSetError {
  /// The system's error number behind a failure to store; 0 when there is none.
  fileprivate var errno: Int32 {
    switch self {
    case .cannotStore(_, let errno), .diskFull(_, let errno): errno
    default: 0
    }
  }
}
