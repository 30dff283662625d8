/// One UDP datagram as the capture shows it: whole, or put together from its fragments.
struct CapturedDatagram {
  var counts: LayerCounts
  var source: UInt32
  var destination: UInt32
  /// Payload of the packet or of the first fragment; nil while the first fragment is missing.
  var head: ArraySlice<UInt8>?
  var isLinkBroadcast: Bool
  /// IP payload bytes seen.
  var seenByteCount: Int
  /// IP payload bytes in all; known from the last fragment.
  var wholeByteCount: Int?

  var isComplete: Bool { head != nil && wholeByteCount == seenByteCount }
}

/// Datagrams whose fragments are not all seen yet. Bounded: the oldest leave first.
struct FragmentTable {
  /// What a fragment has in common with the others of its datagram, RFC 791 §3.2.
  private struct Key: Hashable {
    var source: UInt32
    var destination: UInt32
    var identification: UInt16
  }
  private static let limit = 4_096

  private var datagrams: [Key: CapturedDatagram] = [:]
  private var order: [Key] = []

  /// Adds a packet of UDP. Returns the datagrams that it finishes: whole ones, and ones that will never be
  /// whole.
  mutating func add(_ packet: IPv4Packet, frame: Dissection) -> [CapturedDatagram] {
    let one = PacketCount(packets: 1, bytes: UInt64(packet.byteCount))
    let counts = LayerCounts(
      payloadByteCount: 0, transport: .none, network: one,
      link: PacketCount(packets: 1, bytes: frame.frameByteCount))
    let piece = CapturedDatagram(
      counts: counts, source: packet.source, destination: packet.destination,
      head: packet.fragmentOffset == 0 ? packet.payload : nil, isLinkBroadcast: frame.isLinkBroadcast,
      seenByteCount: packet.payloadByteCount,
      wholeByteCount: packet.hasMoreFragments ? nil : packet.fragmentOffset + packet.payloadByteCount)
    guard packet.isFragment else { return [piece] }
    let key = Key(
      source: packet.source, destination: packet.destination, identification: packet.identification)
    var finished: [CapturedDatagram] = []
    // A second first fragment: the identification is in use again.
    if piece.head != nil, datagrams[key]?.head != nil, let old = datagrams.removeValue(forKey: key) {
      order.removeAll { $0 == key }
      finished.append(old)
    }
    if let open = datagrams[key] {
      datagrams[key] = open.joined(with: piece)
    } else {
      datagrams[key] = piece
      order.append(key)
    }
    if let whole = datagrams[key], whole.isComplete {
      datagrams[key] = nil
      order.removeAll { $0 == key }
      finished.append(whole)
    }
    if order.count > Self.limit, let old = datagrams.removeValue(forKey: order.removeFirst()) {
      finished.append(old)
    }
    return finished
  }

  /// The unfinished datagrams at the end of the capture, the oldest first.
  mutating func drain() -> [CapturedDatagram] {
    defer {
      datagrams = [:]
      order = []
    }
    return order.compactMap { datagrams[$0] }
  }
}

extension CapturedDatagram {
  fileprivate func joined(with piece: Self) -> Self {
    var joined = self
    joined.counts = counts + piece.counts
    joined.head = head ?? piece.head
    joined.seenByteCount += piece.seenByteCount
    joined.wholeByteCount = wholeByteCount ?? piece.wholeByteCount
    return joined
  }
}
