import Ground

/// Greetings and records of a connection with a key, Specs/chunked-tcp.md §8.
package enum SealedStream {
  /// The first bytes of both greetings, which no frame begins with.
  package static let magic = Array("GKEY".utf8)
  /// The magic as the length of a frame, for a reader that expects frames.
  package static let magicNumber: UInt32 = 0x474B_4559
  private static let version: UInt8 = 1
  package static let randomByteCount = 16
  private static let saltByteCount = 16
  private static let checkByteCount = 8
  /// Magic, version and three zeros.
  private static let headByteCount = 8
  package static let receiverGreetingByteCount = headByteCount + randomByteCount
  package static let senderGreetingByteCount =
    headByteCount + saltByteCount + checkByteCount + randomByteCount

  /// The most bytes of the session in one record.
  package static let recordByteCount = 1 << 16
  package static let lengthByteCount = 4
  package static let tagByteCount = 16
  private static let nonceByteCount = 12

  private static let head = magic + [version, 0, 0, 0]

  package static func senderGreeting(salt: [UInt8], check: [UInt8], random: [UInt8]) -> [UInt8] {
    head + salt + check + random
  }

  package static func receiverGreeting(random: [UInt8]) -> [UInt8] { head + random }

  /// Nil for bytes that are no greeting of a sender.
  package static func sender(_ greeting: [UInt8]) -> (salt: [UInt8], check: [UInt8], random: [UInt8])? {
    guard greeting.count == senderGreetingByteCount, greeting.starts(with: head) else { return nil }
    let rest = greeting.dropFirst(headByteCount)
    return (
      Array(rest.prefix(saltByteCount)), Array(rest.dropFirst(saltByteCount).prefix(checkByteCount)),
      Array(rest.suffix(randomByteCount))
    )
  }

  /// Nil for bytes that are no greeting of a receiver.
  package static func receiverRandom(_ greeting: [UInt8]) -> [UInt8]? {
    guard greeting.count == receiverGreetingByteCount, greeting.starts(with: head) else { return nil }
    return Array(greeting.suffix(randomByteCount))
  }

  /// The parts of a record: its length, which is authenticated, its text and its tag.
  package static func parts(
    of record: UnsafeMutableRawBufferPointer, textByteCount: Int
  ) -> (
    header: UnsafeRawBufferPointer, text: UnsafeMutableRawBufferPointer, tag: UnsafeMutableRawBufferPointer
  ) {
    let end = lengthByteCount + textByteCount
    return (
      UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(record)[..<lengthByteCount]),
      UnsafeMutableRawBufferPointer(rebasing: record[lengthByteCount..<end]),
      UnsafeMutableRawBufferPointer(rebasing: record[end..<end + tagByteCount])
    )
  }

  /// The nonce of a record: four zeros and its number, from 0, in 8 bytes.
  package static func withNonce<Result>(
    _ number: UInt64, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    var nonce = [UInt8](repeating: 0, count: nonceByteCount - 8)
    for shift in stride(from: 56, through: 0, by: -8) {
      nonce.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
    }
    return nonce.withUnsafeBytes(body)
  }
}
