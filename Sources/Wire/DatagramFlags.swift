/// Byte 3 of every datagram, Specs/chunked-udp.md §3.1. Unknown bits are zero when sent and ignored when
/// read.
package struct DatagramFlags: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Data, parity: this datagram repairs a loss; it is not the chunk's first sending.
  package static let repair = DatagramFlags(rawValue: 0x01)
  /// NACK: the body is a bitmap. Repair notice: the entries are parity symbols. Set by the encoder.
  package static let alternateForm = DatagramFlags(rawValue: 0x02)
  /// Announce: a padded probe of the path (RFC 8899); its values may still change.
  package static let provisional = DatagramFlags(rawValue: 0x04)
  /// NACK: parity symbols of the blocks repair as well as the chunks named. Set by the encoder.
  package static let symbols = DatagramFlags(rawValue: 0x08)
  /// NACK: it names everything that the receiver lacks, also what was not sent yet. Set by the encoder.
  package static let rest = DatagramFlags(rawValue: 0x10)
  /// Join, report: this receiver counts the datagrams that come marked "congestion experienced". Set by the
  /// encoder.
  package static let countsMarks = DatagramFlags(rawValue: 0x20)

  /// The bits that version 2 gives a meaning.
  package static let known: DatagramFlags = [
    .repair, .alternateForm, .provisional, .symbols, .rest, .countsMarks,
  ]
}
