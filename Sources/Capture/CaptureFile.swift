private import CLate
import Figures
import Glibc

/// Why a capture cannot be read or used. One line each: what, where, what to do.
package enum CaptureError: Error, Equatable, CustomStringConvertible {
  case cannotRead(path: String, reason: String)
  /// `reason`: in libpcap's words.
  case notACapture(path: String, reason: String)
  case unknownLinkType(path: String, number: UInt32)
  case broken(path: String, packet: Int, reason: String)
  case nothingOfOurs(path: String, port: Int, packets: UInt64)
  case severalRuns(path: String, runs: [String])
  case notPossible(run: String, reason: String)

  package var description: String {
    switch self {
    case .cannotRead(let path, let reason): "cannot read the capture \(path): \(reason)"
    case .notACapture(let path, let reason):
      "\(path) is no pcap or pcapng file (\(reason)): write one by tcpdump -w"
    case .unknownLinkType(let path, let number):
      "\(path) has link type \(number), which is not read here: capture on an Ethernet interface (tcpdump -i eth1)"
    case .broken(let path, let packet, let reason): "\(path) is broken at packet \(packet): \(reason)"
    case .nothingOfOurs(let path, let port, let packets):
      "none of the \(HumanText.grouped(packets, "packet")) in \(path) is a run's, to or from port \(port): name the receivers' port with --port"
    case .severalRuns(let path, let runs):
      "\(path) holds several kinds of run (\(runs.joined(separator: "; "))): capture each by itself"
    case .notPossible(let run, let reason): "\(run) cannot be: \(reason)"
    }
  }
}

/// The header in front of the IP packet in a captured packet.
package enum LinkType: UInt32, Sendable {
  case ethernet = 1
  case rawIP = 101
  case linuxCooked = 113
  case rawIPv4 = 228
  case linuxCooked2 = 276

  /// From a number of pcap_datalink(3PCAP). Raw IP has other numbers there on the BSDs.
  init?(dataLink number: Int32) {
    switch number {
    case 12, 14: self = .rawIP
    default: self.init(rawValue: UInt32(clamping: number))
    }
  }
}

/// One packet of a capture.
package struct CapturedPacket: Sendable {
  /// The part of the packet that the capture kept.
  package var bytes: [UInt8]
  /// Its length on the wire.
  package var byteCount: UInt32

  package init(bytes: [UInt8], byteCount: UInt32) {
    self.bytes = bytes
    self.byteCount = byteCount
  }
}

/// Reads a capture packet by packet through libpcap: pcap and pcapng, in either byte order.
///
/// The bytes may be hostile. libpcap checks every length, and keeps one packet (pcap) or one block (pcapng)
/// in memory, of at most 16 MiB.
package final class CaptureFile {
  package let path: String
  package let linkType: LinkType
  package private(set) var packetCount = 0
  /// The file ends inside a packet: its writer was cut off.
  package private(set) var isCutShort = false

  private let handle: OpaquePointer

  /// Opens the file and reads its header.
  package init(path: String) throws(CaptureError) {
    if let missing = late_missing(LATE_CAPTURES) {
      throw .cannotRead(path: path, reason: String(cString: missing))
    }
    guard let file = fopen(path, "rbe") else {
      throw .cannotRead(path: path, reason: String(cString: strerror(errno)))
    }
    var reason = [CChar](repeating: 0, count: Int(LATE_REASON_BYTES))
    guard let handle = late_capture_open(file, &reason) else {
      throw .notACapture(path: path, reason: Self.text(reason))
    }
    let number = late_capture_link_type(handle)
    guard let linkType = LinkType(dataLink: number) else {
      late_capture_close(handle)
      throw .unknownLinkType(path: path, number: UInt32(clamping: number))
    }
    self.path = path
    self.linkType = linkType
    self.handle = handle
  }

  deinit { late_capture_close(handle) }

  /// The next packet; nil at the end.
  package func next() throws(CaptureError) -> CapturedPacket? {
    var bytes: UnsafePointer<UInt8>?
    var (kept, whole) = (UInt32(0), UInt32(0))
    switch late_capture_next(handle, &bytes, &kept, &whole) {
    case LATE_CAPTURE_PACKET:
      guard let bytes else { return nil }
      packetCount += 1
      return CapturedPacket(
        bytes: Array(UnsafeBufferPointer(start: bytes, count: Int(kept))), byteCount: max(whole, kept))
    case LATE_CAPTURE_END: return nil
    default:
      let reason = String(cString: late_capture_reason(handle))
      // "truncated dump file", "truncated pcapng dump file"
      guard reason.hasPrefix("truncated") else {
        throw .broken(path: path, packet: packetCount + 1, reason: reason)
      }
      isCutShort = true
      return nil
    }
  }

  private static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
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
