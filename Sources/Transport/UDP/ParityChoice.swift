import Ground
import Wire

/// Whether a sender may repair by parity, Specs/chunked-udp.md §2.1.
package enum ParityChoice: Equatable, Sendable {
  /// In a group, and where receivers do not answer. One receiver that answers is served with the chunks that
  /// it misses: a symbol would repair no more.
  case auto
  case off
  /// So many symbols for each chunk of a block follow it unasked, in `fixedShares`; also in unicast.
  case fixed(share: Double)

  /// With twice as many, half of a block could not be repaired on request.
  package static let fixedShares = 0.001...1.0

  /// `5%`, as a person writes a fixed share; nil when it is none of `fixedShares`.
  package init?(fixed text: some StringProtocol) {
    let digits = text.dropLast()
    guard text.hasSuffix("%"), digits.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }),
      let percent = Double(digits), Self.fixedShares.contains(percent / 100)
    else { return nil }
    self = .fixed(share: percent / 100)
  }

  /// Reads back to the same share.
  package static func text(fixedShare: Double) -> String {
    let percent = "\((fixedShare * 1e8).rounded() / 1e6)"
    return (percent.hasSuffix(".0") ? String(percent.dropLast(2)) : percent) + "%"
  }

  /// The numbers of an announce with parity.
  package struct Blocks: Equatable, Sendable {
    /// k, 1...200.
    package var chunkCount: UInt8
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
  /// A long block has 55 symbols at most, and some must be left for those who ask.
  private static let mostShareOfLongBlocks = 0.15

  /// Symbols for each chunk that leave unasked; nil: as the loss asks for.
  package var fixedShare: Double? { if case .fixed(let share) = self { share } else { nil } }

  /// Nil: no parity. `receiverCount`: nil when it is not known.
  package func blocks(isGroup: Bool, isOneWay: Bool, receiverCount: Int?) -> Blocks? {
    guard self != .off, isGroup || isOneWay || fixedShare != nil else { return nil }
    let isLong =
      receiverCount ?? 0 >= Self.largeGroup && fixedShare ?? 0 <= Self.mostShareOfLongBlocks
    return Blocks(chunkCount: isLong ? 200 : 64)
  }
}
