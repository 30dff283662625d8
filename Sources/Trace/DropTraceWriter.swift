/// Writes a drop trace, Specs/trace.md §6: a line for each datagram that an induced impairment changed. There
/// are no times in it, so that the traces of two runs can be compared line by line.
final class DropTraceWriter {
  static let head = "direction,packet_number,type,fate,chunk,repair"

  private let file: QlogFile

  init(path: String) throws(TraceError) {
    file = try QlogFile(path: path)
    write(Self.head)
  }

  func append(_ facts: DatagramSummary, _ direction: TraceDirection, fate: String) {
    let packet = facts.packetNumber.map { "\($0)" } ?? ""
    let chunk = facts.chunkIndex.map { "\($0)" } ?? ""
    write("\(direction.rawValue),\(packet),\(facts.typeName),\(fate),\(chunk),\(facts.isRepair ? 1 : 0)")
  }

  private func write(_ line: String) { file.append(Array((line + "\n").utf8)) }

  /// Closes the file; says what went wrong since it was opened.
  func close() -> TraceError? { file.close() }
}
