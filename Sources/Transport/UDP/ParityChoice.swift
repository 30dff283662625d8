import Ground
import Wire

/// Whether a sender may repair by parity, Specs/chunked-udp.md §2.1.
package enum ParityChoice: String, Sendable, CaseIterable {
  /// In a group, and where receivers do not answer. One receiver that answers is served with the chunks that
  /// it misses: a symbol would repair no more.
  case auto
  case off

  /// The numbers of an announce with parity.
  struct Blocks: Equatable {
    /// k.
    var chunkCount: UInt8
    /// D.
    var stride: UInt8 = 16

    var maxSymbolCount: UInt8 { UInt8(ParityHeader.maxSymbolCount) - chunkCount }
  }

  /// From this number of receivers on, blocks are long: a long block needs a smaller share of symbols, but it
  /// is whole later, and its receivers read back more.
  private static let largeGroup = 30

  /// Nil: no parity. `receiverCount`: nil when it is not known.
  func blocks(isGroup: Bool, isOneWay: Bool, receiverCount: Int?) -> Blocks? {
    guard self == .auto, isGroup || isOneWay else { return nil }
    return Blocks(chunkCount: receiverCount ?? 0 >= Self.largeGroup ? 200 : 64)
  }
}
