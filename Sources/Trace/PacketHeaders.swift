import Ground

/// One end of a UDP conversation, as it stands in packet headers.
package struct PacketEndpoint: Equatable, Sendable {
  /// 4 bytes (IPv4) or 16 (IPv6), in network order.
  package let address: [UInt8]
  package let port: UInt16

  /// IPv4 addresses in IPv6 form (`::ffff:10.0.0.1`, RFC 4291 §2.5.5.2) become IPv4.
  package init(address: [UInt8], port: UInt16) {
    let isMapped =
      address.count == 16 && address[..<10].allSatisfy { $0 == 0 } && address[10] == 255 && address[11] == 255
    self.address = isMapped ? Array(address[12...]) : address
    self.port = port
  }
}

/// IP and UDP headers for a datagram, because the kernel does not give the real ones to a program.
struct PacketHeaders {
  static let maximumByteCount = 48
  private static let udpProtocol: UInt8 = 17
  private static let hopLimit: UInt8 = 64

  /// Counts IPv4 packets, for their identification field (RFC 791).
  private var identification: UInt16 = 0

  /// Writes the headers of `payload` to the start of `buffer`, which has room for 48 bytes. Returns their
  /// length: 28, or 48 for IPv6. `congestionField`: the ECN field (RFC 3168), 0...3. Nil when the two ends
  /// are of different families, or the payload fits into no packet.
  ///
  /// The UDP checksum over IPv4 is 0, "not computed" (RFC 768). Over IPv6 it is required, and computed.
  mutating func write(
    into buffer: inout [UInt8], payload: UnsafeRawBufferPointer, from source: PacketEndpoint,
    to destination: PacketEndpoint, congestionField: UInt8 = 0
  ) -> Int? {
    guard source.address.count == destination.address.count else { return nil }
    let udp = PacketSize.udp + payload.count
    switch source.address.count {
    case 4 where PacketSize.ipv4 + udp <= PacketSize.largest:
      writeIPv4(into: &buffer, udpByteCount: udp, source, destination, congestionField)
      Self.writeUDP(into: &buffer, at: PacketSize.ipv4, byteCount: udp, checksum: 0, source, destination)
      return PacketSize.ipv4 + PacketSize.udp
    case 16 where udp <= PacketSize.largest:
      Self.writeIPv6(into: &buffer, udpByteCount: udp, source, destination, congestionField)
      Self.writeUDP(into: &buffer, at: PacketSize.ipv6, byteCount: udp, checksum: 0, source, destination)
      Self.put(Self.checksumIPv6(buffer, udpByteCount: udp, payload: payload), into: &buffer, at: 46)
      return PacketSize.ipv6 + PacketSize.udp
    default: return nil
    }
  }

  private mutating func writeIPv4(
    into buffer: inout [UInt8], udpByteCount: Int, _ source: PacketEndpoint, _ destination: PacketEndpoint,
    _ congestionField: UInt8
  ) {
    buffer[0] = 0x45
    buffer[1] = congestionField
    Self.put(UInt16(PacketSize.ipv4 + udpByteCount), into: &buffer, at: 2)
    Self.put(identification, into: &buffer, at: 4)
    identification &+= 1
    Self.put(0x4000, into: &buffer, at: 6)  // don't fragment
    buffer[8] = Self.hopLimit
    buffer[9] = Self.udpProtocol
    Self.put(0, into: &buffer, at: 10)
    for i in 0..<4 {
      buffer[12 + i] = source.address[i]
      buffer[16 + i] = destination.address[i]
    }
    let sum = buffer.withUnsafeBytes { Self.sum(UnsafeRawBufferPointer(rebasing: $0[..<PacketSize.ipv4]), 0) }
    Self.put(Self.folded(sum), into: &buffer, at: 10)
  }

  private static func writeIPv6(
    into buffer: inout [UInt8], udpByteCount: Int, _ source: PacketEndpoint, _ destination: PacketEndpoint,
    _ congestionField: UInt8
  ) {
    put(0x6000 | UInt16(congestionField) << 4, into: &buffer, at: 0)
    put(0, into: &buffer, at: 2)
    put(UInt16(udpByteCount), into: &buffer, at: 4)
    buffer[6] = udpProtocol
    buffer[7] = hopLimit
    for i in 0..<16 {
      buffer[8 + i] = source.address[i]
      buffer[24 + i] = destination.address[i]
    }
  }

  private static func writeUDP(
    into buffer: inout [UInt8], at offset: Int, byteCount: Int, checksum: UInt16, _ source: PacketEndpoint,
    _ destination: PacketEndpoint
  ) {
    put(source.port, into: &buffer, at: offset)
    put(destination.port, into: &buffer, at: offset + 2)
    put(UInt16(byteCount), into: &buffer, at: offset + 4)
    put(checksum, into: &buffer, at: offset + 6)
  }

  /// Over the pseudo-header, the UDP header and the payload: RFC 8200 §8.1.
  private static func checksumIPv6(_ buffer: [UInt8], udpByteCount: Int, payload: UnsafeRawBufferPointer)
    -> UInt16
  {
    let headers = buffer.withUnsafeBytes { sum(UnsafeRawBufferPointer(rebasing: $0[8..<48]), 0) }
    let total = sum(payload, headers + UInt64(udpByteCount) + UInt64(udpProtocol))
    let checksum = folded(total)
    return checksum == 0 ? 0xFFFF : checksum
  }

  /// The one's complement sum of 16-bit words, RFC 1071; an odd byte at the end counts as its word's high
  /// half.
  private static func sum(_ bytes: UnsafeRawBufferPointer, _ start: UInt64) -> UInt64 {
    var total = start
    var i = 0
    while i + 1 < bytes.count {
      total += UInt64(bytes[i]) << 8 | UInt64(bytes[i + 1])
      i += 2
    }
    if i < bytes.count { total += UInt64(bytes[i]) << 8 }
    return total
  }

  private static func folded(_ sum: UInt64) -> UInt16 {
    var sum = sum
    while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
    return ~UInt16(sum)
  }

  private static func put(_ value: UInt16, into buffer: inout [UInt8], at offset: Int) {
    buffer[offset] = UInt8(value >> 8)
    buffer[offset + 1] = UInt8(truncatingIfNeeded: value)
  }
}
