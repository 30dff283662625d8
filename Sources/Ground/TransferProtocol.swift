/// Which of the two protocols carries the files.
package enum TransferProtocol: String, CaseIterable, Codable, Sendable {
  /// Ours: Specs/chunked-udp.md and Specs/chunked-tcp.md.
  case chunked
  /// The baseline, Specs/naive.md.
  case naive
}
