import Ground

/// What members that lose much more than the others miss of blocks, kept until the others have been served,
/// Specs/chunked-udp.md §6.6.
struct DeferredRepairs: Sendable {
  /// How much the neediest member misses of a block, and the packet up to which it had seen all.
  struct Need: Sendable {
    var block: UInt64
    var count: Int
    var seenPacket: UInt64
  }

  private var needs: [UInt64: Need] = [:]

  var isEmpty: Bool { needs.isEmpty }

  /// The newest request for a block counts. It names what is missing now.
  mutating func note(_ need: Need) {
    if let former = needs[need.block], former.count > need.count, former.seenPacket >= need.seenPacket {
      return
    }
    needs[need.block] = need
  }

  /// All of them, by block.
  mutating func take() -> [Need] {
    defer { needs = [:] }
    return needs.values.sorted { $0.block < $1.block }
  }
}
