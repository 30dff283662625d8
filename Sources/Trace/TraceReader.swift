private import FoundationEssentials
private import Glibc

/// Reads a trace record by record: a file of any length, one record at a time in memory.
package struct TraceReader {
  /// The longest record that is read: a NACK of 1,000 ranges has 20 kB.
  private static let recordByteLimit = 1 << 20
  private static let readByteCount = 1 << 18

  private let path: String

  package init(path: String) { self.path = path }

  /// Calls `body` with each event, in order. A last record that was cut off (the writer was killed) is left
  /// out. `progress` hears now and then how many bytes were read.
  ///
  /// Throws `cannotRead`, and `notATrace` for a file that gallery did not write.
  package func forEach(
    progress: (UInt64) -> Void = { _ in }, _ body: (TraceRecord) -> Void
  ) throws(TraceError) {
    try forEach(header: { _ in }, progress: progress, body)
  }

  /// The same, and calls `header` with the first record before.
  func forEach(
    header: (TraceHeader) -> Void, progress: (UInt64) -> Void = { _ in }, _ body: (TraceRecord) -> Void
  ) throws(TraceError) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
    defer { close(file) }
    let decoder = JSONDecoder()
    var pending = Data()
    var recordCount = 0
    var byteCount: UInt64 = 0
    var piece = [UInt8](repeating: 0, count: Self.readByteCount)
    while true {
      let count = read(file, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
      guard count > 0 else { break }
      pending.append(contentsOf: piece[..<count])
      byteCount += UInt64(count)
      progress(byteCount)
      var start = pending.startIndex
      while let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = pending[start..<end].drop { $0 == 0x1E }
        start = end + 1
        guard !line.isEmpty else { continue }
        recordCount += 1
        try take(line, recordCount, decoder, header, body)
      }
      pending.removeSubrange(..<start)
      guard pending.count <= Self.recordByteLimit else {
        throw .notATrace(
          path: path, record: recordCount + 1, reason: "a record longer than \(Self.recordByteLimit) bytes")
      }
    }
    if recordCount == 0 { throw .notATrace(path: path, record: 1, reason: "no record") }
  }

  private func take(
    _ line: Data, _ number: Int, _ decoder: JSONDecoder, _ header: (TraceHeader) -> Void,
    _ body: (TraceRecord) -> Void
  ) throws(TraceError) {
    if number == 1 {
      guard let first = try? decoder.decode(TraceHeader.self, from: line),
        first.fileSchema == "urn:ietf:params:qlog:file:sequential",
        first.trace.schemas.contains(QlogWriter.eventSchema)
      else { throw .notATrace(path: path, record: 1, reason: "not the header of a qlog file of gallery") }
      header(first)
      return
    }
    guard let record = try? decoder.decode(TraceRecord.self, from: line), record.isPlausible else {
      throw .notATrace(path: path, record: number, reason: "not an event")
    }
    body(record)
  }
}
