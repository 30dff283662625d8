import Wire

/// Consecutive new chunks of one read, on their way to the files.
struct ChunkBatch {
  /// One pwritev takes 1,024 pieces: `IOV_MAX`.
  private static let limit = 1_024
  var first: UInt32 = 0
  var base: UnsafeRawPointer?
  var stride = 0
  var lastByteCount = 0
  var checksums: [UInt32] = []
  var count: Int { checksums.count }

  /// Whether a datagram is the next of the row: its chunk, and as far behind the one before as that behind
  /// its own. The segments of one train lie side by side, the datagrams of one read at even distances.
  mutating func extends(_ chunk: UInt32, at datagram: UnsafeRawPointer, full: Int) -> Bool {
    guard let base, count > 0, count < Self.limit, lastByteCount == full,
      UInt64(chunk) == UInt64(first) + UInt64(count)
    else { return false }
    if count == 1 {
      let distance = datagram - base
      guard distance >= DataHeader.byteCount + full, distance <= 1 << 17 else { return false }
      stride = distance
      return true
    }
    return datagram == base + count * stride
  }

  mutating func begin(_ chunk: UInt32, at datagram: UnsafeRawPointer) {
    first = chunk
    base = datagram
    stride = DataHeader.byteCount
  }

  mutating func append(payloadByteCount: Int, checksum: UInt32) {
    lastByteCount = payloadByteCount
    checksums.append(checksum)
  }

  mutating func clear() {
    checksums.removeAll(keepingCapacity: true)
    base = nil
  }
}
