package import Wire

/// The purpose of a packet. An account has a line for each kind, and every packet of a capture is counted
/// under exactly one.
package enum TrafficKind: String, CaseIterable, Codable, Sendable {
  case naiveImage, naiveEnd
  case chunkedData, chunkedRepair, chunkedParity
  case announce, join, nack, repairNotice, report, end, complete, close, abort, invitation, invitationAnswer
  /// Begins like a chunked datagram, but its CRC32 or a length is wrong.
  case damaged
  case tcpSyn, tcpSynAck, tcpData, tcpFin, tcpAck, tcpReset, tcpRepeated, tcpAnswer
  case arp, igmp, icmp, ipv6, otherUDP, otherTCP, other

  /// The kind of a chunked datagram. A flag marks a chunk that is sent again.
  package init(_ type: MessageType, isRepair: Bool) {
    self =
      switch type {
      case .data: isRepair ? .chunkedRepair : .chunkedData
      case .parity: .chunkedParity
      case .announce: .announce
      case .join: .join
      case .nack: .nack
      case .repairNotice: .repairNotice
      case .report: .report
      case .end: .end
      case .complete: .complete
      case .close: .close
      case .abort: .abort
      case .invitation: .invitation
      case .invitationAnswer: .invitationAnswer
      }
  }

  /// In a table, for people.
  package var text: String {
    switch self {
    case .naiveImage: "image datagrams"
    case .naiveEnd: "end marker"
    case .chunkedData: "data"
    case .chunkedRepair: "data, repairs"
    case .chunkedParity: "parity"
    case .repairNotice: "repair notice"
    case .nack: "NACK"
    case .announce, .join, .report, .end, .complete, .close, .abort, .invitation, .damaged: rawValue
    case .invitationAnswer: "answer to an invitation"
    case .tcpSyn: "SYN"
    case .tcpSynAck: "SYN-ACK"
    case .tcpData: "data segments"
    case .tcpFin: "FIN"
    case .tcpAck: "acknowledgements"
    case .tcpReset: "RST"
    case .tcpRepeated: "data, retransmitted"
    case .tcpAnswer: "receivers' frames"
    case .arp: "ARP"
    case .igmp: "IGMP"
    case .icmp: "ICMP"
    case .ipv6: "IPv6"
    case .otherUDP: "other UDP"
    case .otherTCP: "other TCP"
    case .other: "other"
    }
  }
}
