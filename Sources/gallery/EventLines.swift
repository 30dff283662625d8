import Ground

/// `--json-lines`: what happens in a transfer, a JSON object a line on standard output. README lists the
/// events. The keys are those of `--json`.
enum EventLines {
  static func write(_ event: some Encodable) { StandardStreams.event(JSONText.line(event) + "\n") }
}

/// An event as a line has it; nil for events that README does not list.
struct EventLine: Encodable {
  private let event: TransferEvent

  init?(_ event: TransferEvent) {
    switch event {
    case .listening, .began, .found, .way, .joined, .lost, .unicast, .storage, .verified: self.event = event
    case .progress, .arrived, .notice, .ended: return nil
    }
  }

  private enum CodingKeys: CodingKey { case event, address, port, index, name, path, byteCount }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    switch event {
    case .listening(let address, let port):
      try values.encode("listening", forKey: .event)
      // `::` and `0.0.0.0` are all addresses of this host.
      try values.encode(address, forKey: .address)
      try values.encode(port, forKey: .port)
    case .began(let start):
      try values.encode("session", forKey: .event)
      try start.encode(to: encoder)
    case .found(let host):
      try values.encode("found", forKey: .event)
      try host.encode(to: encoder)
    case .way(let way):
      try values.encode("way", forKey: .event)
      try way.encode(to: encoder)
    case .joined(let join):
      try values.encode("joined", forKey: .event)
      try join.encode(to: encoder)
    case .lost(let receiver):
      try values.encode("lost", forKey: .event)
      try receiver.encode(to: encoder)
    case .unicast(let receiver):
      try values.encode("unicast", forKey: .event)
      try receiver.encode(to: encoder)
    case .storage(let receiver):
      try values.encode("storage", forKey: .event)
      try receiver.encode(to: encoder)
    case .verified(let file):
      try values.encode("file", forKey: .event)
      try values.encode(file.index, forKey: .index)
      try values.encode(file.name, forKey: .name)
      try values.encode(file.path, forKey: .path)
      try values.encode(file.byteCount, forKey: .byteCount)
    case .progress, .arrived, .notice, .ended: break
    }
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
