/// Which records of a session are written, and where.
package struct TraceOptions: Sendable, Equatable {
  /// A qlog file (`--trace`), Specs/trace.md.
  package var qlogPath: String?
  /// A capture file (`--pcap`).
  package var pcapPath: String?
  /// What the induced impairment did, datagram by datagram (`--drop-trace`).
  package var dropTracePath: String?
  /// This host, as the trace names it.
  package var hostName = ""

  package init(qlogPath: String? = nil, pcapPath: String? = nil, dropTracePath: String? = nil) {
    self.qlogPath = qlogPath
    self.pcapPath = pcapPath
    self.dropTracePath = dropTracePath
  }

  package var isNone: Bool { qlogPath == nil && pcapPath == nil && dropTracePath == nil }

  /// The same with `label` before each extension: `run.qlog` becomes `run-label.qlog`. For runs of several
  /// sessions, of which each writes its own.
  package func labelled(_ label: String) -> TraceOptions {
    var result = self
    result.qlogPath = qlogPath.map { Self.insert(label, into: $0) }
    result.pcapPath = pcapPath.map { Self.insert(label, into: $0) }
    result.dropTracePath = dropTracePath.map { Self.insert(label, into: $0) }
    return result
  }

  private static func insert(_ label: String, into path: String) -> String {
    let safe = String(label.map { $0.isLetter || $0.isNumber || ".-_".contains($0) ? $0 : "-" })
    let name = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    guard let dot = path[name...].lastIndex(of: "."), dot > name else { return "\(path)-\(safe)" }
    return "\(path[..<dot])-\(safe)\(path[dot...])"
  }
}

/// Why a trace or a capture cannot be written or read. `description` is one line: what, where, what to do.
package enum TraceError: Error, Equatable, Sendable {
  case cannotOpen(path: String, reason: String)
  /// Writing failed on the way; what was written before it is good.
  case cannotWrite(path: String, reason: String)
  case cannotRead(path: String, reason: String)
  /// The file is not a trace of gallery; `record` counts from 1.
  case notATrace(path: String, record: Int, reason: String)
  /// Nor is it a drop trace; `line` counts from 1.
  case notADropTrace(path: String, line: Int)
  /// A trace of a session that did not begin.
  case noSession(path: String)
  /// Two traces that do not belong together.
  case notAPair(String, String, reason: String)
}

extension TraceError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .cannotOpen(let path, let reason): "cannot write to \(path): \(reason); name another file"
    case .cannotWrite(let path, let reason):
      "writing \(path) stopped: \(reason); it ends before the session does"
    case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
    case .notATrace(let path, let record, let reason):
      "\(path), record \(record): \(reason); a trace is written by `gallery send … --trace FILE` or `gallery receive`"
    case .notADropTrace(let path, let line):
      "\(path), line \(line): not a drop trace; one is written by `gallery send … --drop-trace FILE` or `gallery receive`"
    case .noSession(let path): "\(path): no session began in this trace"
    case .notAPair(let one, let two, let reason):
      "\(one) and \(two): \(reason); name the traces of a sender and of its receiver"
    }
  }
}
