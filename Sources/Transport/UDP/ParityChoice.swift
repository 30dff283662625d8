import Ground
import Wire

/// Whether a sender may repair by parity, Specs/chunked-udp.md §2.1.
package enum ParityChoice: String, Sendable, CaseIterable {
  /// In a group, and where receivers do not answer. One receiver that answers is served with the chunks that
  /// it misses: a symbol would repair no more.
  case auto
  case off

  /// The numbers of an announce with parity.
  package struct Blocks: Equatable, Sendable {
    /// k, 1...200.
    var chunkCount: UInt8
    /// D, 1...255.
    var stride: UInt8

    var maxSymbolCount: UInt8 { UInt8(ParityHeader.maxSymbolCount) - chunkCount }

    /// Nil when either is none that an announce can have.
    package init?(chunkCount: Int, stride: Int) {
      guard (1...ParityHeader.maxBlockChunkCount).contains(chunkCount), (1...255).contains(stride) else {
        return nil
      }
      self.init(chunkCount: UInt8(chunkCount), stride: UInt8(stride))
    }

    init(chunkCount: UInt8, stride: UInt8 = 16) {
      self.chunkCount = chunkCount
      self.stride = stride
    }
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
