import Wire

/// What a search is for, and when it is over.
package struct FinderOptions: Sendable {
  let room: Room
  /// What the room is called; nil for the common one.
  let roomName: String?
  package let port: Int
  /// Name or address of the one interface to search on; nil: all.
  package var interface: String?
  /// Ends the search when this number of free receivers is found; nil: no number does.
  package var receiverCount: Int?
  /// Host names that are looked for: the search is over when each is found, and no other counts; empty: all.
  package var names: [String] = []
  /// Ends the search with what is found by then; nil: it goes on until its user wants to start.
  package var seconds: Double?
  /// Whether the user wants to start, since the last call; nil: there is no way to say so.
  package var takeStart: (@Sendable () -> Bool)?

  /// Nil unless the room's name has 1 to 64 bytes.
  package init?(roomName: String?, port: Int = 25_000) {
    guard let room = roomName.map({ Room(named: $0) }) ?? .common else { return nil }
    self.room = room
    self.roomName = roomName
    self.port = port
  }

  /// The group of the room's sessions.
  package func groupAddress(isIPv6: Bool) -> String { isIPv6 ? room.ipv6Group : room.ipv4Group }
}
