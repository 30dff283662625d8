/// Drops one chosen datagram, to try out what happens when exactly this one is lost.
package enum DropRule: Equatable, Sendable, CustomStringConvertible {
  /// The datagrams with these packet numbers (`17` or `17-20` in the text form).
  case packets(ClosedRange<UInt64>)
  /// The n-th datagram of a type that this link sees, counted from 1 (`nack#1`).
  case occurrence(kind: UInt8, number: UInt32)
  /// Every datagram of a type (`end*`).
  case every(kind: UInt8)

  /// - Parameters:
  ///   - packetNumber: the datagram's packet number.
  ///   - kind: its message type, as in ``MessageKind``.
  ///   - occurrence: how many datagrams of its type this link has seen, including this one.
  package func matches(packetNumber: UInt64, kind: UInt8, occurrence: UInt32) -> Bool {
    switch self {
    case .packets(let numbers): numbers.contains(packetNumber)
    case .occurrence(let wanted, let number): kind == wanted && occurrence == number
    case .every(let wanted): kind == wanted
    }
  }

  package var description: String {
    switch self {
    case .packets(let numbers):
      numbers.count == 1 ? "\(numbers.lowerBound)" : "\(numbers.lowerBound)-\(numbers.upperBound)"
    case .occurrence(let kind, let number): "\(MessageKind.name(of: kind))#\(number)"
    case .every(let kind): "\(MessageKind.name(of: kind))*"
    }
  }
}
