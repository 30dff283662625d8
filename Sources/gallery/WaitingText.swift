import FileSet
import Ground
import NIOCore
import Network
import Transport

/// What a receiver that waits tells its user: where it listens, and what to type on the sender.
package enum WaitingText {
  package static func line(_ plan: ReceivePlan, port: Int) -> String {
    if plan.calling != nil {
      return "Waiting as \(plan.name.printable), port \(port). On the sender: \(command(plan, port: port))"
    }
    let mode = plan.place.mode == .tcp ? "TCP" : "UDP \(plan.place.mode.rawValue)"
    return
      "Waiting at \(address(plan.place)), port \(port), \(mode). On the sender: \(command(plan, port: port))"
  }

  private static func address(_ place: ReceivePlan.Place) -> String {
    place.mode == .multicast ? place.group ?? place.bind ?? "" : place.bind ?? ownAddress
  }

  /// The sender's command for this receiver.
  package static func command(_ plan: ReceivePlan, port: Int) -> String {
    if let calling = plan.calling {
      return "gallery send FOLDER" + (calling.roomName.map { " --room \($0.printable)" } ?? "")
    }
    let place = plan.place
    var words = ["gallery send FOLDER"]
    if place.protocolName == .naive { words.append("--protocol naive") }
    if place.mode != .unicast { words.append("--mode \(place.mode.rawValue)") }
    let host = place.mode == .broadcast ? broadcastAddress(place.bind) : address(place)
    words.append("--to \(host)")
    if port != 25_000 { words.append("--port \(port)") }
    return words.joined(separator: " ")
  }

  /// The address that the default route leaves from, else one of an interface, else loopback's.
  private static var ownAddress: String {
    // 192.0.2.1 is nobody's (RFC 5737); the kernel is asked for the route and nothing is sent.
    if let target = try? SocketAddress(ipAddress: "192.0.2.1", port: 9), let route = try? Route.to(target),
      let address = route.source.plainIPAddress, address != "0.0.0.0"
    {
      return address
    }
    return devices.first { $0.address?.ipAddress != "127.0.0.1" }?.address?.ipAddress ?? "127.0.0.1"
  }

  /// Of the interface that the own address is on; the link's own where that is not told.
  private static func broadcastAddress(_ bind: String?) -> String {
    let own = bind ?? ownAddress
    return devices.first { $0.address?.ipAddress == own }?.broadcastAddress?.ipAddress ?? "255.255.255.255"
  }

  private static var devices: [NIONetworkDevice] {
    ((try? System.enumerateDevices()) ?? []).filter { $0.address?.protocol == .inet }
  }
}
