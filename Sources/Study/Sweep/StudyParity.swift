import Simulation
import Transport
import Wire

/// How the trials of a group repair: by chunks alone, or by parity of one shape, Specs/chunked-udp.md §2.1.
/// `off`, `64`, `64x16` or `64x16+5%`: the chunks of a block, the stride, and the symbols for each hundred
/// chunks that leave before a receiver asks. Unicast and TCP have no parity.
package struct StudyParity: RawRepresentable, Hashable, Codable, Sendable {
  /// k, chunks of a block, 1...200; 0: no parity.
  package let blockChunkCount: Int
  /// D, 1...255: a block has every D-th chunk.
  package let stride: Int
  /// Symbols for each chunk that leave unasked; nil: as the loss asks for.
  package let fixedShare: Double?

  package static let off = StudyParity(blockChunkCount: 0, stride: 0)
  /// The stride without a word of it, which is a sender's own.
  package static let defaultStride = 16
  package static let blockChunkCounts = 1...ParityHeader.maxBlockChunkCount
  package static let strides = 1...255

  private init(blockChunkCount: Int, stride: Int, fixedShare: Double? = nil) {
    self.blockChunkCount = blockChunkCount
    self.stride = stride
    self.fixedShare = fixedShare
  }

  package init?(rawValue: String) {
    guard rawValue != "off" else {
      self = .off
      return
    }
    let words = rawValue.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
    let share = words.count > 1 ? ParityChoice(fixed: words[1])?.fixedShare : nil
    guard words.count == 1 || share != nil else { return nil }
    let parts = words[0].split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard let first = parts.first, let count = first, Self.blockChunkCounts.contains(count) else {
      return nil
    }
    switch parts.count {
    case 1: self.init(blockChunkCount: count, stride: Self.defaultStride, fixedShare: share)
    case 2:
      guard let stride = parts[1], Self.strides.contains(stride) else { return nil }
      self.init(blockChunkCount: count, stride: stride, fixedShare: share)
    default: return nil
    }
  }

  package var rawValue: String {
    // No comparison of whole values: theirs compares these texts.
    guard blockChunkCount > 0 else { return "off" }
    return "\(blockChunkCount)" + (stride == Self.defaultStride ? "" : "x\(stride)")
      + (fixedShare.map { "+" + ParityChoice.text(fixedShare: $0) } ?? "")
  }

  /// What a simulated sender announces.
  var simulated: Scenario.Parity? {
    guard blockChunkCount > 0 else { return nil }
    return Scenario.Parity(
      blockChunkCount: UInt8(blockChunkCount), stride: UInt8(stride), fixedShare: fixedShare)
  }

  /// What a real one announces.
  var real: ParityChoice.Blocks? { ParityChoice.Blocks(chunkCount: blockChunkCount, stride: stride) }
}
