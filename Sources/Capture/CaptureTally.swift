package import Ground
import Wire

/// A capture, every packet of it counted under one kind.
package struct CaptureTally: Sendable {
  package private(set) var counts: [TrafficKind: LayerCounts] = [:]
  /// Which runs the packets towards the receivers' port belong to, and how many datagrams or segments of
  /// each.
  package private(set) var runs: [CapturedRun: UInt64] = [:]
  package private(set) var packetCount: UInt64 = 0
  package private(set) var byteCount: UInt64 = 0
  /// IP packets above the MTU: captured before segmentation offload cut them.
  package private(set) var oversizePacketCount: UInt64 = 0
  /// Datagrams of which a fragment is missing in the capture.
  package private(set) var incompleteDatagramCount: UInt64 = 0
  /// FINs on a segment with data. These are counted with the data.
  package private(set) var finsOnData: UInt64 = 0

  private let linkType: LinkType
  private let port: UInt16
  private let mtuByteCount: Int
  private var fragments = FragmentTable()
  private var streams = StreamTable()

  /// `port`: the receivers'.
  package init(linkType: LinkType, port: Int, mtuByteCount: Int) {
    self.linkType = linkType
    self.port = UInt16(clamping: port)
    self.mtuByteCount = mtuByteCount
  }

  /// Reads a whole file.
  package init(file: CaptureFile, port: Int, mtuByteCount: Int) throws(CaptureError) {
    self.init(linkType: file.linkType, port: port, mtuByteCount: mtuByteCount)
    while let packet = try file.next() { add(packet) }
    finish()
  }

  package mutating func add(_ packet: CapturedPacket) {
    let frame = Dissection(packet, linkType: linkType)
    packetCount += 1
    byteCount += frame.frameByteCount
    switch frame.content {
    case .arp: count(.arp, frame)
    case .ipv6: count(.ipv6, frame)
    case .other: count(.other, frame)
    case .ipv4(let packet):
      if packet.byteCount > mtuByteCount { oversizePacketCount += 1 }
      switch packet.protocolNumber {
      case IPv4Packet.udp: fragments.add(packet, frame: frame).forEach { add($0) }
      case IPv4Packet.tcp: addSegment(packet, frame)
      case IPv4Packet.igmp: count(.igmp, frame, packet)
      case IPv4Packet.icmp: count(.icmp, frame, packet)
      default: count(.other, frame, packet)
      }
    }
  }

  /// Counts the datagrams that are still open. Call it once, after the last packet.
  package mutating func finish() { fragments.drain().forEach { add($0) } }

  private mutating func count(_ kind: TrafficKind, _ more: LayerCounts) {
    counts[kind] = (counts[kind] ?? .none) + more
  }

  /// A packet whose transport layer is not counted.
  private mutating func count(_ kind: TrafficKind, _ frame: Dissection, _ packet: IPv4Packet? = nil) {
    count(
      kind,
      LayerCounts(
        payloadByteCount: 0, transport: .none,
        network: packet.map { PacketCount(packets: 1, bytes: UInt64($0.byteCount)) } ?? .none,
        link: PacketCount(packets: 1, bytes: frame.frameByteCount)))
  }
}

// MARK: UDP

extension CaptureTally {
  private mutating func add(_ datagram: CapturedDatagram) {
    var more = datagram.counts
    if !datagram.isComplete { incompleteDatagramCount += 1 }
    guard let head = datagram.head, let source = head.bigEndian16(at: 0),
      let destination = head.bigEndian16(at: 2),
      let length = head.bigEndian16(at: 4), length >= 8
    else {
      more.transport = PacketCount(packets: 1, bytes: UInt64(datagram.seenByteCount))
      return count(.otherUDP, more)
    }
    more.transport = PacketCount(packets: 1, bytes: UInt64(length))
    more.payloadByteCount = UInt64(length) - 8
    guard source == port || destination == port else { return count(.otherUDP, more) }
    let isTowardsReceivers = destination == port
    let payload = head.dropFirst(8)
    let isWhole = payload.count >= Int(length) - 8
    let kind = Self.chunkedKind(payload, isWhole: isWhole)
    if isTowardsReceivers {
      let mode: TransferMode =
        datagram.destination >> 28 == 0xE
        ? .multicast : datagram.isLinkBroadcast || datagram.destination == .max ? .broadcast : .unicast
      runs[CapturedRun(protocolName: kind == nil ? .naive : .chunked, mode: mode), default: 0] += 1
      count(kind ?? (length == 8 ? .naiveEnd : .naiveImage), more)
    } else {
      count(kind ?? .otherUDP, more)
    }
  }

  /// The kind of a datagram that begins like a chunked one; nil for any other. Its CRC32 is verified when the
  /// capture kept all bytes.
  private static func chunkedKind(_ payload: ArraySlice<UInt8>, isWhole: Bool) -> TrafficKind? {
    guard payload.count >= DatagramHeader.byteCount, payload.byte(at: 0) == DatagramHeader.magic,
      payload.byte(at: 1) == DatagramHeader.version
    else { return nil }
    let bytes = Array(payload)
    do throws(WireError) {
      let type = try Datagram.type(of: bytes.span)
      if isWhole {
        _ =
          type.carriesPayload
          ? try DatagramChecksum.verifyData(bytes.span) : try ControlMessage.decode(bytes.span).0.checksum
      }
      return TrafficKind(type, isRepair: DatagramFlags(rawValue: bytes[3]).contains(.repair))
    } catch { return .damaged }
  }
}

// MARK: TCP

extension CaptureTally {
  private mutating func addSegment(_ packet: IPv4Packet, _ frame: Dissection) {
    let link = PacketCount(packets: 1, bytes: frame.frameByteCount)
    let network = PacketCount(packets: 1, bytes: UInt64(packet.byteCount))
    guard let segment = Segment(packet) else {
      return count(
        .otherTCP, LayerCounts(payloadByteCount: 0, transport: .none, network: network, link: link))
    }
    let more = LayerCounts(
      payloadByteCount: UInt64(segment.payloadByteCount),
      transport: PacketCount(packets: 1, bytes: UInt64(packet.payloadByteCount)), network: network, link: link
    )
    guard segment.sourcePort == port || segment.destinationPort == port else { return count(.otherTCP, more) }
    let isTowardsReceiver = segment.destinationPort == port
    let isRepeated = streams.isRepeated(segment)
    let kind = segment.kind(isTowardsReceiver: isTowardsReceiver, isRepeated: isRepeated)
    if segment.hasFin, !isRepeated, segment.payloadByteCount > 0 { finsOnData += 1 }
    if isTowardsReceiver, kind == .tcpData, let isChunked = streams.isChunked(segment, head: packet.payload) {
      runs[CapturedRun(protocolName: isChunked ? .chunked : .naive, mode: .tcp), default: 0] += 1
    }
    count(kind, more)
  }
}

/// A run whose packets are in a capture.
package struct CapturedRun: Hashable, Sendable {
  package var protocolName: TransferProtocol
  package var mode: TransferMode

  package init(protocolName: TransferProtocol, mode: TransferMode) {
    self.protocolName = protocolName
    self.mode = mode
  }

  package var text: String { "\(protocolName.rawValue), \(mode.text)" }
}
