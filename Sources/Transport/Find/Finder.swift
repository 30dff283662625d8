import Datagrams
import Glibc
package import Ground
import Network
import Wire

/// Looks for the receivers of a room on the links of this host, by invitations; Specs/invitations.md §5.
/// `run` blocks; `cancel` may come from any thread.
package final class Finder: Sendable {
  /// Between two looks at the Enter key.
  private static let lookMilliseconds: Int32 = 50

  private let options: FinderOptions
  private let cancellation = Cancellation()

  package init(_ options: FinderOptions) { self.options = options }

  package func cancel() { cancellation.cancel() }

  /// Returns the receivers that are to be served: those that were found and are free. Never empty. Throws
  /// `nobodyFound`, `cancelled`, and what keeps an interface from being used.
  package func run(
    _ tell: @escaping @Sendable (TransferEvent) -> Void
  ) throws(TransportError) -> [FoundReceiver] {
    let sockets = try open()
    let clock = SessionClock()
    var search = FinderSearch(options) { clock.now }
    tell(.notice(search.beginning))
    while !cancellation.isCancelled {
      if let spread = search.invites() {
        for socket in sockets {
          socket.invite(
            room: options.room, searchID: search.id, round: search.round, spreadMilliseconds: spread)
        }
      }
      wait(sockets)
      for socket in sockets {
        while let (answer, place) = socket.nextAnswer(searchID: search.id) {
          search.take(answer, at: place).map { Self.tell($0, tell) }
        }
      }
      if let found = try search.result(wantsStart: options.takeStart?() ?? false, tell) { return found }
    }
    throw .cancelled
  }

  private static func tell(
    _ change: FoundReceivers.Change, _ tell: @Sendable (TransferEvent) -> Void
  ) {
    switch change {
    case .new(let receiver):
      tell(.notice("found \(receiver.text)" + (receiver.isBusy ? ", busy with another session" : "")))
      tell(.found(receiver.host))
    case .busy(let receiver):
      tell(.notice("\(receiver.text) is " + (receiver.isBusy ? "busy with another session" : "free now")))
      tell(.found(receiver.host))
    }
  }

  private func open() throws(TransportError) -> [FinderSocket] {
    let links: [Link]
    do { links = try Link.all(named: options.interface) } catch { throw TransportError(error) }
    return links.flatMap { link in
      let sockets = [
        link.hasIPv4 ? FinderSocket(link, room: options.room, port: options.port, isIPv6: false) : nil,
        link.hasIPv6 ? FinderSocket(link, room: options.room, port: options.port, isIPv6: true) : nil,
      ]
      return sockets.compactMap(\.self)
    }
  }

  /// Until an answer arrives, but not for long.
  private func wait(_ sockets: [FinderSocket]) {
    var descriptors = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    _ = poll(&descriptors, nfds_t(descriptors.count), Self.lookMilliseconds)
  }
}
