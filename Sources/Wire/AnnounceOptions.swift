/// How the session works: byte 70 of an announce, Specs/chunked-udp.md §4.1. Unknown bits are ignored when
/// read.
package struct AnnounceOptions: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Several receivers hear the sender, so NACKs wait for a random backoff.
  package static let group = AnnounceOptions(rawValue: 0x01)
  /// There is no way back: receivers send nothing.
  package static let oneWay = AnnounceOptions(rawValue: 0x02)
  /// Parity may be sent, with the block given in the announce.
  package static let parity = AnnounceOptions(rawValue: 0x04)

  /// The session is authenticated with a key. Reserved: no sender sets it, and a receiver refuses it.
  package static let keyed = AnnounceOptions(rawValue: 0x08)
  /// The sender has signed the announce, and the manifest has the SHA-256 of each segment of the files.
  package static let signed = AnnounceOptions(rawValue: 0x10)

  /// The bits that version 2 gives a meaning.
  package static let known: AnnounceOptions = [.group, .oneWay, .parity, .keyed, .signed]
}
