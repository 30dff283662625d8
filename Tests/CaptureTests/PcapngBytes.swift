/// Builds pcapng files by hand: a section header, one Ethernet interface, an enhanced packet block for each
/// packet.
enum PcapngBytes {
  /// `kept`: bytes of each packet that are in the file.
  static func file(_ packets: [[UInt8]], kept: Int = .max, isLittleEndian: Bool = false) -> [UInt8] {
    func u32(_ value: Int) -> [UInt8] {
      let bytes = PcapBytes.u32(UInt32(truncatingIfNeeded: value))
      return isLittleEndian ? bytes.reversed() : bytes
    }
    func u16(_ value: Int) -> [UInt8] {
      isLittleEndian ? PcapBytes.u16(value).reversed() : PcapBytes.u16(value)
    }
    func block(_ type: Int, _ body: [UInt8]) -> [UInt8] {
      let padded = body + [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
      return u32(type) + u32(padded.count + 12) + padded + u32(padded.count + 12)
    }
    let section = block(0x0A0D_0D0A, u32(0x1A2B_3C4D) + u16(1) + u16(0) + u32(-1) + u32(-1))
    let interface = block(1, u16(1) + u16(0) + u32(262_144))
    return section + interface
      + packets.flatMap { packet in
        let bytes = packet.prefix(kept)
        return block(6, u32(0) + u32(0) + u32(0) + u32(bytes.count) + u32(packet.count) + bytes)
      }
  }
}
