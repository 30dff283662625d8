import Glibc

/// Why a capture cannot be read or used. One line each: what, where, what to do.
package enum CaptureError: Error, Equatable, CustomStringConvertible {
  case cannotRead(path: String, reason: String)
  case notPcap(path: String)
  case pcapng(path: String)
  case unknownLinkType(path: String, number: UInt32)
  case recordTooLong(path: String, byteCount: UInt32, packet: Int)
  case nothingOfOurs(path: String, port: Int, packets: UInt64)
  case severalRuns(path: String, runs: [String])
  case notPossible(run: String, reason: String)

  package var description: String {
    switch self {
    case .cannotRead(let path, let reason): "cannot read the capture \(path): \(reason)"
    case .notPcap(let path): "\(path) is no pcap file: write one by tcpdump -w"
    case .pcapng(let path): "\(path) is pcapng: convert it by “editcap -F pcap \(path) run.pcap”"
    case .unknownLinkType(let path, let number):
      "\(path) has link type \(number), which is not read here: capture on an Ethernet interface (tcpdump -i eth1)"
    case .recordTooLong(let path, let byteCount, let packet):
      "\(path) is broken: packet \(packet) claims \(byteCount) bytes"
    case .nothingOfOurs(let path, let port, let packets):
      "none of the \(packets) packets in \(path) is a run's, to or from port \(port): name the receivers' port with --port"
    case .severalRuns(let path, let runs):
      "\(path) holds several kinds of run (\(runs.joined(separator: "; "))): capture each by itself"
    case .notPossible(let run, let reason): "\(run) cannot be: \(reason)"
    }
  }
}

/// What precedes the IP packet in a captured one; numbers of the link-layer header types registry of tcpdump.org.
package enum LinkType: UInt32, Sendable {
  case ethernet = 1
  case rawIP = 101
  case linuxCooked = 113
  case rawIPv4 = 228
  case linuxCooked2 = 276
}

/// One packet of a capture.
package struct CapturedPacket: Sendable {
  /// What was kept of it.
  package var bytes: [UInt8]
  /// What it had on the wire.
  package var byteCount: UInt32
}

/// Reads a classic pcap file (pcap-savefile(5)) packet by packet, in either byte order, with micro- or nanoseconds.
///
/// The bytes may be hostile: every length is checked, no more than one packet is held, and no packet is above 256 KiB.
package final class CaptureFile {
  /// tcpdump's own limit, MAXIMUM_SNAPLEN.
  private static let packetByteLimit: UInt32 = 262_144

  package let path: String
  package let linkType: LinkType
  package private(set) var packetCount = 0
  /// The file ends inside a packet: its writer was cut off.
  package private(set) var isCutShort = false

  private let file: UnsafeMutablePointer<FILE>
  private let isSwapped: Bool

  /// Opens the file and reads its header.
  package init(path: String) throws(CaptureError) {
    guard let file = fopen(path, "rbe") else {
      throw .cannotRead(path: path, reason: String(cString: strerror(errno)))
    }
    do throws(CaptureError) {
      let header = Self.read(24, from: file)
      (isSwapped, linkType) = try Self.parse(header, path: path)
    } catch {
      fclose(file)
      throw error
    }
    self.path = path
    self.file = file
  }

  deinit { fclose(file) }

  private static func parse(_ header: [UInt8], path: String) throws(CaptureError) -> (Bool, LinkType) {
    guard let magic = header[...].bigEndian32(at: 0) else { throw .notPcap(path: path) }
    let isSwapped: Bool
    switch magic {
    case 0xA1B2_C3D4, 0xA1B2_3C4D: isSwapped = false
    case 0xD4C3_B2A1, 0x4D3C_B2A1: isSwapped = true
    case 0x0A0D_0D0A: throw .pcapng(path: path)
    default: throw .notPcap(path: path)
    }
    guard let field = header[...].bigEndian32(at: 20) else { throw .notPcap(path: path) }
    // The upper bits say how long a check sequence is; Linux never captures one.
    let number = (isSwapped ? field.byteSwapped : field) & 0x0FFF_FFFF
    switch number {
    case 12, 14: return (isSwapped, .rawIP)  // what BSDs and OpenBSD write for 101
    default:
      guard let linkType = LinkType(rawValue: number) else {
        throw .unknownLinkType(path: path, number: number)
      }
      return (isSwapped, linkType)
    }
  }

  /// The next packet; nil at the end.
  package func next() throws(CaptureError) -> CapturedPacket? {
    let header = Self.read(16, from: file)
    guard header.count == 16, let kept = number(header, at: 8), let whole = number(header, at: 12) else {
      isCutShort = !header.isEmpty
      return nil
    }
    packetCount += 1
    guard kept <= Self.packetByteLimit, whole <= 1 << 30 else {
      throw .recordTooLong(path: path, byteCount: max(kept, whole), packet: packetCount)
    }
    let bytes = Self.read(Int(kept), from: file)
    guard bytes.count == Int(kept) else {
      isCutShort = true
      packetCount -= 1
      return nil
    }
    return CapturedPacket(bytes: bytes, byteCount: max(whole, kept))
  }

  private func number(_ header: [UInt8], at offset: Int) -> UInt32? {
    header[...].bigEndian32(at: offset).map { isSwapped ? $0.byteSwapped : $0 }
  }

  /// Up to `byteCount` bytes; fewer at the end of the file.
  private static func read(_ byteCount: Int, from file: UnsafeMutablePointer<FILE>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      count = byteCount == 0 ? 0 : fread(buffer.baseAddress, 1, byteCount, file)
    }
  }
}

extension ArraySlice<UInt8> {
  /// The byte at `offset` from the slice's start; nil behind its end.
  func byte(at offset: Int) -> UInt8? {
    offset >= 0 && offset < count ? self[startIndex + offset] : nil
  }

  func bigEndian16(at offset: Int) -> UInt16? {
    guard let high = byte(at: offset), let low = byte(at: offset + 1) else { return nil }
    return UInt16(high) << 8 | UInt16(low)
  }

  func bigEndian32(at offset: Int) -> UInt32? {
    guard let high = bigEndian16(at: offset), let low = bigEndian16(at: offset + 2) else { return nil }
    return UInt32(high) << 16 | UInt32(low)
  }
}
