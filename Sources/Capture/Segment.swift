/// The fields of a TCP segment that an account needs, RFC 9293 §3.1.
struct Segment {
  var flow: Flow
  var sequenceNumber: UInt32
  var headerByteCount: Int
  var payloadByteCount: Int
  var hasFin: Bool
  var hasSyn: Bool
  var hasReset: Bool
  var hasAck: Bool

  /// One direction of one connection.
  struct Flow: Hashable {
    var source: UInt32
    var destination: UInt32
    var sourcePort: UInt16
    var destinationPort: UInt16
  }

  var sourcePort: UInt16 { flow.sourcePort }
  var destinationPort: UInt16 { flow.destinationPort }

  /// Nil for a fragment (TCP is not fragmented here), and when the bytes are no whole header.
  init?(_ packet: IPv4Packet) {
    let bytes = packet.payload
    guard !packet.isFragment, let source = bytes.bigEndian16(at: 0),
      let destination = bytes.bigEndian16(at: 2),
      let sequence = bytes.bigEndian32(at: 4), let offset = bytes.byte(at: 12), let flags = bytes.byte(at: 13)
    else { return nil }
    headerByteCount = Int(offset >> 4) * 4
    guard headerByteCount >= 20, headerByteCount <= packet.payloadByteCount else { return nil }
    payloadByteCount = packet.payloadByteCount - headerByteCount
    flow = Flow(
      source: packet.source, destination: packet.destination, sourcePort: source, destinationPort: destination
    )
    sequenceNumber = sequence
    hasFin = flags & 0x01 != 0
    hasSyn = flags & 0x02 != 0
    hasReset = flags & 0x04 != 0
    hasAck = flags & 0x10 != 0
  }

  /// The number behind the last byte; SYN and FIN count as one each.
  var nextSequenceNumber: UInt32 {
    sequenceNumber &+ UInt32(payloadByteCount) &+ (hasFin ? 1 : 0) &+ (hasSyn ? 1 : 0)
  }

  func kind(isTowardsReceiver: Bool, isRepeated: Bool) -> TrafficKind {
    if hasReset { return .tcpReset }
    if isRepeated { return .tcpRepeated }
    if hasSyn { return hasAck ? .tcpSynAck : .tcpSyn }
    if payloadByteCount > 0 { return isTowardsReceiver ? .tcpData : .tcpAnswer }
    return hasFin ? .tcpFin : .tcpAck
  }
}

/// The next sequence number of each direction of each connection. It shows which segments are
/// retransmissions. Bounded.
struct StreamTable {
  private static let limit = 1 << 17
  private struct Stream {
    var firstSequenceNumber: UInt32
    var nextSequenceNumber: UInt32
    var isChunked: Bool?
  }
  private var streams: [Segment.Flow: Stream] = [:]

  /// Whether all bytes of the segment were in the capture before. Notes the segment. A pure acknowledgement
  /// is never repeated.
  mutating func isRepeated(_ segment: Segment) -> Bool {
    guard segment.nextSequenceNumber != segment.sequenceNumber, !segment.hasReset else { return false }
    guard var stream = streams[segment.flow],
      !(segment.hasSyn && stream.firstSequenceNumber != segment.sequenceNumber)
    else {
      if streams.count >= Self.limit { streams = [:] }
      streams[segment.flow] = Stream(
        firstSequenceNumber: segment.sequenceNumber, nextSequenceNumber: segment.nextSequenceNumber)
      return false
    }
    // Serial number arithmetic, RFC 1982: the numbers wrap.
    guard Int32(bitPattern: segment.nextSequenceNumber &- stream.nextSequenceNumber) > 0 else { return true }
    stream.nextSequenceNumber = segment.nextSequenceNumber
    streams[segment.flow] = stream
    return false
  }

  /// Whether the connection greets like the chunked protocol. Its first data decides; nil for all later data.
  mutating func isChunked(_ segment: Segment, head: ArraySlice<UInt8>) -> Bool? {
    guard var stream = streams[segment.flow], stream.isChunked == nil else { return nil }
    // u32 length, u8 type, then "GLRY": Specs/chunked-tcp.md §4.1.
    let magic = head.bigEndian32(at: segment.headerByteCount + 5)
    stream.isChunked = magic == 0x474C_5259
    streams[segment.flow] = stream
    return stream.isChunked
  }
}
