import Datagrams
import Ground
import NIOCore
import Network
import Wire

/// The socket of a search on one link, for one family: what is answered to its port was asked on that link.
final class FinderSocket {
  let link: Link
  private let socket: UDPSocket
  private let destinations: [(address: SocketAddress, way: Invitation.Ways)]

  var descriptor: Int32 { socket.descriptor }
  var isLoopback: Bool { link.interface.name == "lo" }

  /// Nil where this host cannot send by the link.
  init?(_ link: Link, room: Room, port: Int, isIPv6: Bool) {
    do {
      let socket = try UDPSocket(
        at: SocketAddress(ipAddress: isIPv6 ? "::" : "0.0.0.0", port: 0), sharesPort: false)
      let index = link.interface.index
      try InterfaceBinding.setSending(socket.options, isIPv6: isIPv6, by: link.interface)
      try GroupOptions.setSending(
        socket.options, isIPv6: isIPv6, interfaceIndex: index, hopCount: 1, loopsBack: true)
      let group = try SocketAddress(ipAddress: isIPv6 ? room.ipv6Group : room.ipv4Group, port: port)
      // The group comes first, so that a receiver answers once to both.
      var destinations = [(group.scoped(toInterface: index), Invitation.Ways.group)]
      if !isIPv6, var broadcast = link.broadcast {
        broadcast.port = port
        destinations.append((broadcast, .broadcast))
      }
      (self.link, self.socket, self.destinations) = (link, socket, destinations)
    } catch { return nil }
  }

  /// Sends one round. A link that is down or filtered takes nothing: nobody is found there.
  func invite(room: Room, searchID: UInt64, round: UInt32, spreadMilliseconds: UInt16) {
    for (address, way) in destinations {
      let bytes = Invitation(room: room.digest, spreadMilliseconds: spreadMilliseconds, way: way)
        .encode(sessionID: searchID, packetNumber: round)
      socket.send(bytes, to: address)
    }
  }

  /// The next answer to this search; nil when nothing is there. What is none is skipped, but not for ever:
  /// strangers must not keep a search from its other work.
  func nextAnswer(searchID: UInt64) -> (InvitationAnswer, FoundReceiver.Place)? {
    for _ in 0..<64 {
      guard let (bytes, sender) = socket.receive(atMost: 2_048) else { return nil }
      guard let sender, Link.reaches(sender),
        let (header, answer) = try? InvitationAnswer.decode(bytes.span), header.sessionID == searchID
      else { continue }
      let place = FoundReceiver.Place(
        address: sender, interfaceIndex: link.interface.index, isLoopback: isLoopback, ways: answer.ways)
      return (answer, place)
    }
    return nil
  }
}
