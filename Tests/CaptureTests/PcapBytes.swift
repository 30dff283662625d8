import Foundation

/// Builds captures by hand. Big-endian unless told.
struct PcapBytes {
  var bytes: [UInt8]

  init(linkType: UInt32 = 1, magic: UInt32 = 0xA1B2_C3D4) {
    bytes =
      Self.u32(magic) + [0, 2, 0, 4] + [UInt8](repeating: 0, count: 8) + Self.u32(262_144)
      + Self.u32(linkType)
  }

  static func u32(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
  static func u16(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)] }

  mutating func add(_ packet: [UInt8], kept: Int? = nil) {
    let kept = min(kept ?? packet.count, packet.count)
    bytes += [UInt8](repeating: 0, count: 8) + Self.u32(UInt32(kept)) + Self.u32(UInt32(packet.count))
    bytes += packet.prefix(kept)
  }

  static func ethernet(_ payload: [UInt8], type: Int = 0x0800, broadcast: Bool = false) -> [UInt8] {
    [UInt8](repeating: broadcast ? 0xFF : 2, count: 6) + [UInt8](repeating: 4, count: 6) + u16(type) + payload
  }

  static func ip(
    _ payload: [UInt8], protocolNumber: UInt8, to: [UInt8] = [10, 0, 0, 2], from: [UInt8] = [10, 0, 0, 1],
    id: Int = 1, offset: Int = 0, more: Bool = false
  ) -> [UInt8] {
    [0x45, 0] + u16(20 + payload.count) + u16(id) + u16(offset / 8 | (more ? 0x2000 : 0)) + [
      64, protocolNumber, 0, 0,
    ]
      + from + to + payload
  }

  static func udp(_ payload: [UInt8], from: Int = 4_000, to: Int = 25_000) -> [UInt8] {
    u16(from) + u16(to) + u16(8 + payload.count) + [0, 0] + payload
  }

  static func tcp(_ payload: [UInt8], sequence: UInt32, flags: UInt8, from: Int = 4_000, to: Int = 25_000)
    -> [UInt8]
  {
    u16(from) + u16(to) + u32(sequence) + u32(0) + [0x80, flags] + u16(1_000) + [0, 0, 0, 0]
      + [UInt8](repeating: 1, count: 12) + payload
  }

  /// The datagram as Ethernet frames of IPv4 fragments of 1,480 bytes.
  static func fragments(_ payload: [UInt8], to: [UInt8] = [10, 0, 0, 2], id: Int = 1) -> [[UInt8]] {
    let datagram = udp(payload)
    return stride(from: 0, to: datagram.count, by: 1_480).map { start in
      let piece = Array(datagram[start..<min(start + 1_480, datagram.count)])
      return ethernet(
        ip(piece, protocolNumber: 17, to: to, id: id, offset: start, more: start + 1_480 < datagram.count))
    }
  }

  /// Calls `body` with a file of these bytes.
  static func withFile<Value>(_ bytes: [UInt8], _ body: (String) throws -> Value) throws -> Value {
    let path = NSTemporaryDirectory() + "lab-test-" + UUID().uuidString + ".pcap"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }
}
