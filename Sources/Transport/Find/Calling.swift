import Datagrams
import FileSet
import NIOCore
import Network
import Wire

/// How a receiver is found by invitation, Specs/invitations.md.
package struct Calling: Sendable {
  let room: Room
  /// What the room is called; nil for the common one.
  package let roomName: String?
  /// Where the receiver accepts connections; 0: nowhere.
  package var tcpPort: Int

  /// Nil unless the name has 1 to 64 bytes.
  package init?(roomName: String?, tcpPort: Int = 0) {
    guard let room = roomName.map({ Room(named: $0) }) ?? .common else { return nil }
    self.room = room
    self.roomName = roomName
    self.tcpPort = tcpPort
  }

  /// Joins the room's groups on each link. A link that does not carry groups is left out: there invitations
  /// arrive as broadcasts.
  func join(_ socket: UDPSocket, interface: String?) throws(NetworkError) {
    let isIPv6 = socket.localAddress?.isIPv6 ?? false
    for link in try Link.all(named: interface) {
      var groups = link.hasIPv4 ? [room.ipv4Group] : []
      if link.hasIPv6, isIPv6 { groups.append(room.ipv6Group) }
      for group in groups {
        guard let address = try? SocketAddress(ipAddress: group, port: 0) else { continue }
        try? GroupOptions.join(socket.options, group: address, interfaceIndex: link.interface.index)
      }
    }
  }

  /// What answers the invitations to a receiver.
  func answers(receiverID: UInt64, hostName: String) -> InvitationAnswers {
    InvitationAnswers(
      InvitationAnswer(
        room: room.digest, receiverID: receiverID, ways: .known, isBusy: false,
        tcpPort: UInt16(clamping: tcpPort), hostName: hostName))
  }

  /// One line for people: who listens, and what to type on the sender.
  func text(_ options: ReceiverOptions) -> String {
    let words = roomName.map { " --room \($0.printable)" } ?? ""
    let protocols = tcpPort == 0 ? "UDP" : "UDP and TCP"
    return
      """
      \(options.hostName.printable) listens, \(protocols), port \(options.port); on the sender: gallery \
      send FOLDER\(words)
      """
  }
}
