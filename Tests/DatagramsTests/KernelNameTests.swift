import Datagrams
import Testing

/// Senders that differ in family, address or port are others; the same one is itself.
@Test func sendersAreToldApart() {
  let port = [0xA1, 0xB2] as [UInt8]
  let names: [[UInt8]] = [
    [2, 0] + port + [10, 77, 0, 1] + Array(repeating: 0, count: 8),
    [2, 0] + port + [10, 77, 0, 2] + Array(repeating: 0, count: 8),
    [2, 0, 0xA1, 0xB3, 10, 77, 0, 1] + Array(repeating: 0, count: 8),
    [10, 0] + port + [0, 0, 0, 0, 0xFE, 0x80] + Array(repeating: 0, count: 13) + [1, 3, 0, 0, 0],
    [10, 0] + port + [0, 0, 0, 0, 0xFE, 0x80] + Array(repeating: 0, count: 13) + [1, 4, 0, 0, 0],
    [],
  ]
  let known = names.map { name in
    name.withUnsafeBytes {
      Arrival(datagram: UnsafeRawBufferPointer(start: nil, count: 0), name: $0).senderName
    }
  }
  for (i, one) in known.enumerated() {
    for (j, other) in known.enumerated() { #expect((one == other) == (i == j), "\(i) \(j)") }
  }
}
