import Transport

/// `--json-lines`: what happens in a transfer, a JSON object a line on standard output. README lists the
/// events. The keys are those of `--json`.
enum EventLines {
  static func write(_ event: some Encodable) { StandardStreams.event(JSONText.line(event) + "\n") }
}

/// The receiver waits for a session. With --keep once before each.
struct ListeningEvent: Encodable {
  let event = "listening"
  /// What the socket is bound to; `::` and `0.0.0.0` are all addresses of this host.
  let address: String
  let port: Int
}

/// A session has begun.
struct SessionEvent: Encodable {
  let event = "session"
  let sender: String
  let sessionID: String
  let fileCount: Int
  let fileByteCount: UInt64

  init(_ start: StreamSessionStart) {
    sender = start.sender
    sessionID = start.sessionID
    fileCount = start.fileCount
    fileByteCount = start.fileByteCount
  }
}

/// Sender: a receiver has joined.
struct JoinedEvent: Encodable {
  let event = "joined"
  let name: String
  let address: String
  let receiverID: String

  init(_ join: ReceiverJoin) {
    name = join.name
    address = join.address
    receiverID = join.receiverID
  }
}

/// A file is whole: verified (naive: stored), and in its place.
struct FileEvent: Encodable {
  let event = "file"
  let index: Int
  let name: String
  let path: String
  let byteCount: UInt64

  init(_ file: FileArrival) {
    index = file.index
    name = file.name
    path = file.path
    byteCount = file.byteCount
  }
}

/// A session, or a run that had none, is over.
struct EndEvent<Report: Encodable>: Encodable {
  let event = "end"
  /// With --keep that of this session; else that of the program.
  let exitCode: Int32
  /// Why there is no report.
  let error: String?
  /// What `--json` prints.
  let report: Report?
}

extension Receiving.Hooks {
  /// The same, which also write each event to standard output.
  func writingEvents() -> Receiving.Hooks {
    var hooks = self
    hooks.onListening = { [onListening] address, port in
      onListening(address, port)
      EventLines.write(ListeningEvent(address: address, port: port))
    }
    hooks.onBegin = { [onBegin] start in
      onBegin(start)
      EventLines.write(SessionEvent(start))
    }
    hooks.onVerified = { [onVerified] file in
      onVerified(file)
      EventLines.write(FileEvent(file))
    }
    return hooks
  }
}
