import Wire

/// The specification's checksum computed the slow way: bit by bit, over a rearranged copy. It shares no code
/// with Wire.
enum ReferenceDatagram {
  static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }

  /// The CRC32 that a datagram must carry: body first, then the header with the checksum as zero.
  static func checksum(of datagram: [UInt8]) -> UInt32 {
    let headerByteCount = datagram[2] == 3 || datagram[2] == 4 ? 32 : 20
    var header = Array(datagram.prefix(headerByteCount))
    for index in 16..<20 where index < header.count { header[index] = 0 }
    return crc32(datagram.dropFirst(headerByteCount) + header)
  }

  /// The datagram with the right checksum in its place; what is too short for one stays as it is.
  static func signed(_ datagram: [UInt8]) -> [UInt8] {
    guard datagram.count >= 20 else { return datagram }
    var signed = datagram
    let checksum = checksum(of: datagram)
    for index in 0..<4 { signed[16 + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index)) }
    return signed
  }

  /// A datagram of that type with that body (from byte 20), rightly signed.
  static func make(type: MessageType, flags: UInt8 = 0, body: [UInt8]) -> [UInt8] {
    signed([0x47, 2, type.rawValue, flags] + [UInt8](repeating: 7, count: 16) + body)
  }
}

/// Whatever a datagram holds: for tests that do not care which type it is.
enum Decoded: Equatable {
  case data(DataDatagram)
  case parity(ParityDatagram)
  case control(DatagramHeader, ControlMessage)

  @inline(never)
  static func decode(_ bytes: [UInt8]) throws(WireError) -> Decoded {
    let span = bytes.span
    switch try Datagram.type(of: span) {
    case .data: return .data(try DataDatagram.decode(span))
    case .parity: return .parity(try ParityDatagram.decode(span))
    default:
      let (header, message) = try ControlMessage.decode(span)
      return .control(header, message)
    }
  }
}

/// The error with which a datagram is dropped, nil when it is accepted.
@inline(never)
func wireError(_ bytes: [UInt8]) -> WireError? {
  do throws(WireError) {
    _ = try Decoded.decode(bytes)
    return nil
  } catch {
    return error
  }
}

/// The message in a control datagram; nil when it is refused.
@inline(never)
func controlMessage(_ bytes: [UInt8]) -> ControlMessage? {
  do throws(WireError) {
    return try ControlMessage.decode(bytes.span).1
  } catch {
    return nil
  }
}

/// `value` as big-endian bytes.
func bigEndian<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
  withUnsafeBytes(of: value.bigEndian) { Array($0) }
}
