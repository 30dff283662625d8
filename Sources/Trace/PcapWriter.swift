private import CLate
private import Glibc

/// A capture file of datagrams with headers made for them, written by libpcap: raw IP, nanosecond time
/// stamps. It needs no root, and no more memory than the C library's file buffer and one packet.
final class PcapWriter {
  /// The largest packet, and so the capture's "snapshot length".
  private static let maximumByteCount = 65_535 + 40

  private let path: String
  private var writer: OpaquePointer?
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
    writer = late_capture_create(path, Int32(Self.maximumByteCount))
    guard writer != nil else { throw .cannotOpen(path: path, reason: String(cString: strerror(errno))) }
  }

  deinit { _ = close() }

  /// One datagram. `nanoseconds` since 1970.
  func write(
    _ payload: UnsafeRawBufferPointer, from source: PacketEndpoint, to destination: PacketEndpoint,
    congestionField: UInt8 = 0, nanoseconds: UInt64
  ) {
    guard let writer, failure == nil,
      let headerByteCount = headers.write(
        into: &packet, payload: payload, from: source, to: destination, congestionField: congestionField)
    else { return }
    let byteCount = headerByteCount + payload.count
    packet.withUnsafeMutableBytes { packet in
      UnsafeMutableRawBufferPointer(rebasing: packet[headerByteCount...]).copyMemory(from: payload)
    }
    note(
      late_capture_write(
        writer, Int64(nanoseconds / 1_000_000_000), Int64(nanoseconds % 1_000_000_000), packet,
        UInt32(byteCount)))
    packetCount += 1
  }

  /// `code`: 0, or the errno(3) of the first failure; −1 when it has none.
  private func note(_ code: Int32) {
    guard code != 0, failure == nil else { return }
    failure = .cannotWrite(
      path: path, reason: code < 0 ? "the file cannot be written" : String(cString: strerror(code)))
  }

  /// Writes the buffered bytes and closes the file. Returns the error, if there was one.
  func close() -> TraceError? {
    if let writer { note(late_capture_finish(writer)) }
    writer = nil
    return failure
  }
}
