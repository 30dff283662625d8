/// The message types of the chunked protocol by name, for drop rules. The numbers are those of
/// Specs/chunked-udp.md. This room imports no other room, so it has its own table.
package enum MessageKind {
  /// A kind has 4 bits here. 0 is a datagram of another protocol (naive), 1...15 are types of the chunked
  /// protocol.
  package static let limit: UInt8 = 16

  static let names: [(name: String, kind: UInt8)] = [
    ("announce", 1), ("join", 2), ("data", 3), ("parity", 4), ("nack", 5), ("notice", 6),
    ("report", 7), ("end", 8), ("complete", 9), ("close", 10), ("abort", 11),
  ]

  /// The type's number, or nil for a name that is none.
  package static func kind(named name: String) -> UInt8? {
    names.first { $0.name == name }?.kind
  }

  /// The type's name, or `type12` for a number without one.
  package static func name(of kind: UInt8) -> String {
    names.first { $0.kind == kind }?.name ?? "type\(kind)"
  }
}
