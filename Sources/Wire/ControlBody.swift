/// A message other than data and parity: it is encoded into one datagram and read back from one.
package protocol ControlBody: Equatable, Sendable {
  static var type: MessageType { get }

  /// The whole datagram's length, header included.
  var byteCount: Int { get }

  /// The flags that the body's form implies; the encoder adds them.
  var formFlags: DatagramFlags { get }

  /// Reads the body of a datagram whose header and checksum are verified; `bytes` is the whole datagram.
  init(decoding bytes: Span<UInt8>, flags: DatagramFlags) throws(WireError)

  /// Writes bytes 20 ..< byteCount into `body`, which has room for exactly those.
  func writeBody(into body: UnsafeMutableRawBufferPointer)
}

extension ControlBody {
  package var formFlags: DatagramFlags { [] }

  /// The datagram, checksum included.
  package func encode(sessionID: UInt64, packetNumber: UInt32, flags: DatagramFlags = []) -> [UInt8] {
    var datagram = [UInt8](repeating: 0, count: byteCount)
    datagram.withUnsafeMutableBytes {
      _ = encode(into: $0, sessionID: sessionID, packetNumber: packetNumber, flags: flags)
    }
    return datagram
  }

  /// Writes the datagram, checksum included, to the start of `buffer`, which must have room for `byteCount`
  /// bytes.
  ///
  /// Returns the number of bytes written.
  @discardableResult
  package func encode(
    into buffer: UnsafeMutableRawBufferPointer, sessionID: UInt64, packetNumber: UInt32,
    flags: DatagramFlags = []
  ) -> Int {
    let byteCount = byteCount
    precondition(buffer.count >= byteCount, "no room for a datagram of \(byteCount) bytes")
    let datagram = UnsafeMutableRawBufferPointer(rebasing: buffer[..<byteCount])
    var writer = ByteWriter(datagram)
    DatagramHeader(
      type: Self.type, flags: flags.union(formFlags), sessionID: sessionID, packetNumber: packetNumber,
      checksum: 0
    ).write(into: &writer)
    writeBody(into: UnsafeMutableRawBufferPointer(rebasing: datagram[DatagramHeader.byteCount...]))
    let checksum = DatagramChecksum.compute(
      UnsafeRawBufferPointer(datagram), headerByteCount: DatagramHeader.byteCount)
    datagram.storeBytes(
      of: checksum.datagram.bigEndian, toByteOffset: DatagramHeader.checksumOffset, as: UInt32.self)
    return byteCount
  }
}
