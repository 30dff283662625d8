private import CLate
private import CPcap
private import Glibc

/// A capture file of datagrams with headers made for them, written by libpcap: raw IP, nanosecond time
/// stamps. It needs no root, and no more memory than the C library's file buffer and one packet.
final class PcapWriter {
  /// The largest packet, and so the capture's "snapshot length".
  private static let maximumByteCount = 65_535 + 40
  /// `DLT_RAW` on Linux: the packet begins with its IPv4 or IPv6 header.
  private static let rawIP: Int32 = 12

  private let path: String
  private var handle: OpaquePointer?
  private var dumper: OpaquePointer?
  private var headers = PacketHeaders()
  private var packet = [UInt8](repeating: 0, count: PcapWriter.maximumByteCount)
  /// Packets written.
  private(set) var packetCount: UInt64 = 0
  /// Why writing stopped, when it did.
  private(set) var failure: TraceError?

  init(path: String) throws(TraceError) {
    self.path = path
    if let missing = late_missing(LATE_CAPTURES) {
      throw .cannotOpen(path: path, reason: String(cString: missing))
    }
    guard
      let handle = pcap_open_dead_with_tstamp_precision(
        Self.rawIP, Int32(Self.maximumByteCount), UInt32(PCAP_TSTAMP_PRECISION_NANO))
    else { throw .cannotOpen(path: path, reason: "out of memory") }
    guard let dumper = pcap_dump_open(handle, path) else {
      let reason = String(cString: strerror(errno))
      pcap_close(handle)
      throw .cannotOpen(path: path, reason: reason)
    }
    self.handle = handle
    self.dumper = dumper
  }

  deinit { _ = close() }

  /// One datagram. `nanoseconds` since 1970.
  func write(
    _ payload: UnsafeRawBufferPointer, from source: PacketEndpoint, to destination: PacketEndpoint,
    nanoseconds: UInt64
  ) {
    guard let dumper, failure == nil,
      let headerByteCount = headers.write(into: &packet, payload: payload, from: source, to: destination)
    else { return }
    let byteCount = headerByteCount + payload.count
    packet.withUnsafeMutableBytes { packet in
      UnsafeMutableRawBufferPointer(rebasing: packet[headerByteCount...]).copyMemory(from: payload)
      var record = pcap_pkthdr()
      record.ts.tv_sec = Int(nanoseconds / 1_000_000_000)
      record.ts.tv_usec = Int(nanoseconds % 1_000_000_000)  // nanoseconds, as the precision says
      record.caplen = UInt32(byteCount)
      record.len = UInt32(byteCount)
      pcap_dump(UnsafeMutablePointer<UInt8>(dumper), &record, packet.bindMemory(to: UInt8.self).baseAddress)
    }
    packetCount += 1
    // pcap_dump reports nothing; its file does.
    if ferror(pcap_dump_file(dumper)) != 0 { fail() }
  }

  private func fail() {
    let code = errno
    failure = .cannotWrite(
      path: path, reason: code == 0 ? "the file cannot be written" : String(cString: strerror(code)))
  }

  /// Writes the buffered bytes and closes the file. Returns the error, if there was one.
  func close() -> TraceError? {
    if let dumper {
      if pcap_dump_flush(dumper) != 0, failure == nil { fail() }
      pcap_dump_close(dumper)
    }
    if let handle { pcap_close(handle) }
    dumper = nil
    handle = nil
    return failure
  }
}
