import Checksum
import Ground
import Session
import Wire

/// The set that the tests send, and its datagrams.
extension SessionNetwork {
  /// The set of `announce`, cut smaller.
  static func candidate(fileChunks: UInt64, chunkByteCount: Int) -> PathCandidate {
    let chunks = SetShape.chunkCount(of: fileChunks * 1_440, chunkByteCount)
    return PathCandidate(announce: announce(fileChunks: chunks, chunkByteCount: chunkByteCount))
  }

  /// A manifest of two chunks, and the file's.
  static func announce(
    fileChunks: UInt64, options: AnnounceOptions = [],
    parity: (blockChunkCount: UInt8, maxSymbolCount: UInt8, stride: UInt8) = (16, 12, 4),
    groupSize: UInt32 = 1, chunkByteCount: Int = 1_440
  ) -> Announce {
    let hasParity = options.contains(.parity)
    return Announce(
      setIdentity: SetIdentity(high: 1, low: 2),
      shape: SetShape(
        chunkByteCount: chunkByteCount, manifestByteCount: chunkByteCount + 100, fileCount: 1,
        fileByteCount: fileChunks == 0 ? 0 : fileChunks * UInt64(chunkByteCount) - 4,
        fileChunkCount: fileChunks),
      groupSize: groupSize, timestamp: 0, options: options, grttCode: GrttCode(nanoseconds: 10_000_000),
      blockChunkCount: hasParity ? parity.blockChunkCount : 0,
      maxParityCount: hasParity ? parity.maxSymbolCount : 0, blockStride: hasParity ? parity.stride : 0)
  }

  static func header(_ type: MessageType, packet: UInt32, session: UInt64 = sessionID) -> DatagramHeader {
    DatagramHeader(type: type, flags: [], sessionID: session, packetNumber: packet, checksum: 0)
  }
}

/// Receivers that find what they have when they know the manifest.
extension SessionNetwork {
  mutating func recognise(_ chunks: Set<UInt32>, at index: Int) {
    kept[index].formUnion(chunks)
    receivers[index].hold(chunks.sorted().map { UInt64($0)..<UInt64($0) + 1 }, now: now)
    drain()
  }
}

/// How a session ended.
extension SessionNetwork {
  var senderEnd: SenderEnd? { if case .ended(let end) = sender.phase { end } else { nil } }
  func end(of receiver: Int) -> ReceiverEnd? {
    if case .ended(let end) = receivers[receiver].phase { end } else { nil }
  }
  /// Whether a receiver has ended with every file.
  func isWhole(_ receiver: Int) -> Bool {
    if case .completed(let complete, _) = end(of: receiver) { complete.status == .whole } else { false }
  }
  var allWhole: Bool {
    receivers.indices.allSatisfy { isWhole($0) } && sender.peers.count == receivers.count
      && sender.peers.allSatisfy { $0.outcome.isWhole }
  }
  /// For a failed test's message.
  var summary: String {
    "\(now.nanoseconds / 1_000_000) ms, sender \(sender.phase), receivers \(receivers.map(\.phase)), peers \(sender.peers.map(\.outcome))"
  }
}
