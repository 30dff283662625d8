import FileSet
import Ground
import Naive

/// A naive sender as a transfer: each of its events is a line for people.
struct NaiveSending: Transfer {
  private let sender: NaiveSender
  private let files: [NaiveFile]

  init(_ set: ScannedSet, _ configuration: NaiveSendConfiguration) throws(NaiveError) {
    sender = try NaiveSender(configuration)
    files = set.manifest.entries.enumerated().map { file, entry in
      NaiveFile(path: set.path(ofFile: file), name: entry.name)
    }
  }

  func cancel() { sender.cancel() }

  func run(_ tell: @escaping @Sendable (TransferEvent) -> Void) throws(NaiveError) -> NaiveSendReport {
    try sender.run(files) { tell(.notice("\($0)")) }
  }
}
