import Ground
import Session
import Wire

/// One datagram on its way in a `SessionNetwork`: what a test may lose.
struct Traffic {
  var isFromSender: Bool
  /// Which receiver it goes to or comes from.
  var receiver: Int
  var type: MessageType
  /// Its ordinal among the datagrams of its type and direction, from 0.
  var ordinal: Int
  /// The chunk of a data datagram.
  var chunk: UInt32?
  var isRepair: Bool
  /// UDP payload.
  var byteCount: Int
  var now: Instant
}
