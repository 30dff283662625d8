/// Compares a drop trace with the NACKs in a trace of the same run: was each chunk that was dropped requested
/// again?
///
/// Both traces are of the path from the sender to one receiver: the drop trace of either side, and the trace
/// of that side or of the other. A chunk that was lost n times must be requested n times. There are two
/// exceptions: the loss of a repair whose chunk was here already, and of a chunk that arrived all the same
/// (in a repair that another receiver requested).
package struct DropReconciliation: Encodable, Sendable {
  /// Data datagrams that the impairment took away or damaged.
  package var lostCount: UInt64 = 0
  /// Of these, datagrams whose chunk was requested: as often as it was lost, or less.
  package var askedForCount: UInt64 = 0
  /// Of the others, datagrams whose chunk arrived without a further request.
  package var coveredCount: UInt64 = 0
  /// Datagrams whose chunk neither arrived nor was requested: the receiver did not notice the loss.
  package var unnoticedCount: UInt64 = 0
  /// Requests for chunks beyond those: the chunks were lost elsewhere (the network, a socket's buffer), or
  /// were only late.
  package var unexplainedAskingCount: UInt64 = 0
  /// The first of the unnoticed, at most 20.
  package var unnoticedChunks: [UInt64] = []

  /// Every loss led to a NACK, or needed none.
  package var isReconciled: Bool { unnoticedCount == 0 && lostCount == askedForCount + coveredCount }

  private var losses: [UInt64: UInt64] = [:]
  private var askings: [UInt64: UInt64] = [:]
  private var arrived = ChunkSet()
  private var role = TraceRole.receiver

  private enum CodingKeys: String, CodingKey {
    case lostCount, askedForCount, coveredCount, unnoticedCount, unexplainedAskingCount, unnoticedChunks
  }

  /// - Parameter drops: a drop trace. Its lines about data belong to the direction to the receiver.
  package init(drops: [DropTraceLine]) {
    for line in drops where line.typeName == "data" && line.isLost {
      guard let chunk = line.chunk else { continue }
      lostCount += 1
      losses[chunk, default: 0] += 1
    }
  }

  /// Takes the next event of the trace.
  package mutating func add(_ record: TraceRecord) {
    switch record.event {
    case .sessionStarted: role = TraceRole(rawValue: record.data.role ?? "") ?? .receiver
    case .datagramReceived:
      if record.data.type == "data", let chunk = record.data.chunk {
        _ = arrived.insert(UInt32(clamping: chunk))
      }
    case .nackSent, .nackReceived:
      for range in record.data.ranges ?? [] where range.count == 2 && range[0] <= UInt64(UInt32.max) {
        // What a NACK may ask for at a time bounds a damaged file too.
        add(askedFor: range[0]..<range[0] + min(range[1], 65_536))
      }
    default: break
    }
  }

  /// Chunks that were not lost are counted and not kept, because a damaged file may request very many.
  private mutating func add(askedFor chunks: Range<UInt64>) {
    var lostHere: UInt64 = 0
    for chunk in losses.count < chunks.count ? Array(losses.keys) : Array(chunks)
    where chunks.contains(chunk) && losses[chunk] != nil {
      askings[chunk, default: 0] += 1
      lostHere += 1
    }
    unexplainedAskingCount += UInt64(chunks.count) - lostHere
  }

  /// Call it after the last event. A sender does not know what arrived: `isWhole` says whether everything
  /// did.
  package mutating func finish(isWhole: Bool) {
    for (chunk, count) in losses.sorted(by: { $0.key < $1.key }) {
      let asked = min(count, askings[chunk] ?? 0)
      askedForCount += asked
      guard count > asked else { continue }
      if role == .sender ? isWhole : arrived.contains(UInt32(clamping: chunk)) {
        coveredCount += count - asked
      } else {
        unnoticedCount += count - asked
        if unnoticedChunks.count < 20 { unnoticedChunks.append(chunk) }
      }
    }
    for (chunk, count) in askings { unexplainedAskingCount += count - min(count, losses[chunk] ?? 0) }
  }
}
