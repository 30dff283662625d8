import Ground
import Impairment
import NIOCore

/// One host that sends to a relay. Its datagrams are counted together, whatever port they come from: a naive
/// sender has a new port for each image.
final class RelayClient {
  let number: Int
  let address: String
  var toTarget: Way
  var toClient: Way

  /// One direction, and what became of its copies.
  struct Way {
    var path: RelayWay
    var deliveredCount: UInt64 = 0
    var notSentCount: UInt64 = 0
    var delayedCount: UInt64 = 0
  }

  init(_ number: Int, address: String, path: ImpairedRoundTrip, seed: UInt64) {
    self.number = number
    self.address = address
    toTarget = Way(
      path: RelayWay(path.forward, seed: seed, direction: .towardsReceiver, client: number))
    toClient = Way(path: RelayWay(path.backward, seed: seed, direction: .towardsSender, client: number))
  }

  subscript(isToTarget isToTarget: Bool) -> Way {
    get { isToTarget ? toTarget : toClient }
    _modify {
      if isToTarget { yield &toTarget } else { yield &toClient }
    }
  }
}

/// One port of a client, with a socket of its own towards the target: answers come to it.
final class RelayFlow {
  let client: RelayClient
  let address: SocketAddress
  let socket: RelaySocket
  /// When it sent last.
  var usedAt: Instant

  init(_ client: RelayClient, address: SocketAddress, socket: RelaySocket, usedAt: Instant) {
    self.client = client
    self.address = address
    self.socket = socket
    self.usedAt = usedAt
  }
}
