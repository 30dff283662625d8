import Wire

/// Every decoder of a datagram.
///
/// The CRC32 would keep the fuzzer out of every decoder, so what fails by its checksum alone is signed and
/// tried again.
func fuzzWire(_ bytes: UnsafeBufferPointer<UInt8>) {
  var bytes = Array(bytes)
  if let checksum = decodeAnything(bytes) {
    for index in 0..<4 { bytes[16 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index)) }
    precondition(decodeAnything(bytes) == nil, "a datagram with its right checksum was refused for it")
  }
}

/// Decodes by whichever decoder the type calls for; the right checksum when the one it carries was refused.
private func decodeAnything(_ bytes: [UInt8]) -> UInt32? {
  do throws(WireError) {
    switch try Datagram.type(of: bytes.span) {
    case .data:
      let datagram = try DataDatagram.decode(bytes.span)
      precondition(datagram.payload == 32..<bytes.count)
    case .parity:
      let datagram = try ParityDatagram.decode(bytes.span)
      precondition(datagram.payload == 32..<bytes.count)
    default:
      let (header, message) = try ControlMessage.decode(bytes.span)
      check(header, message)
    }
  } catch {
    if case .checksumMismatch(_, let computed) = error { return computed }
  }
  return nil
}

/// What was accepted must survive being sent on, and a NACK must name chunks that can exist.
private func check(_ header: DatagramHeader, _ message: ControlMessage) {
  let encoded = message.encode(
    sessionID: header.sessionID, packetNumber: header.packetNumber, flags: header.flags)
  let again = try? ControlMessage.decode(encoded.span)
  precondition(again?.1 == message, "an accepted message changed on the way through encode and decode")
  if case .nack(let nack) = message {
    var end: UInt64 = 0
    for range in nack.missingRanges {
      precondition(range.count > 0 && UInt64(range.first) >= end && range.end <= 1 << 32)
      end = range.end
    }
  }
}
