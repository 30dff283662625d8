import Ground
import Testing
import Wire

/// Whatever arrives, the decoders throw or accept; they never trap, and never accept what was damaged.
@Suite struct HostileInputTests {
  @Test(arguments: Vector.datagramNames)
  func everyPrefixThrows(name: String) throws {
    let bytes = try Vector(name).bytes
    #expect(wireError(bytes) == nil)
    for count in 0..<bytes.count {
      #expect(wireError(Array(bytes.prefix(count))) != nil, "prefix of \(count) bytes")
    }
  }

  /// A wrong length must be seen without the checksum's help, as a hostile sender signs what it sends.
  @Test(arguments: Vector.datagramNames)
  func everySignedPrefixThrowsTruncated(name: String) throws {
    let vector = try Vector(name)
    // What may be of any length: the padding of an announce, a payload, a bitmap.
    let variableFrom = ["announce-provisional": 100, "data": 33, "parity": 33, "nack-bitmap": 45]
    for count in 0..<min(variableFrom[name] ?? .max, vector.bytes.count) {
      guard
        case .truncated(let needed, count)? = wireError(
          ReferenceDatagram.signed(Array(vector.bytes.prefix(count))))
      else {
        Issue.record("prefix of \(count) bytes was not found truncated")
        continue
      }
      #expect(needed > count)
    }
  }

  @Test(
    arguments: Vector.datagramNames.filter { !$0.hasPrefix("announce") && $0 != "data" && $0 != "parity" })
  func oneSignedByteTooManyThrows(name: String) throws {
    let bytes = try Vector(name).bytes
    // A longer bitmap is a bitmap: it is refused by its checksum only.
    guard name != "nack-bitmap" else { return }
    let longer = ReferenceDatagram.signed(bytes + [0])
    #expect(wireError(longer) == .trailingBytes(expected: bytes.count, available: bytes.count + 1))
  }

  @Test(arguments: Vector.datagramNames)
  func everyFlippedBitThrows(name: String) throws {
    let bytes = try Vector(name).bytes
    for bit in 0..<bytes.count * 8 {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(wireError(damaged) != nil, "bit \(bit)")
      // The type decides the order in which the CRC32 runs; flips elsewhere the CRC32 must find on its own.
      if !(0..<3).contains(bit / 8) {
        guard case .checksumMismatch? = wireError(damaged) else {
          Issue.record("bit \(bit): \(String(describing: wireError(damaged)))")
          continue
        }
      }
    }
  }

  @Test(arguments: Vector.datagramNames)
  func noneOf10000CorruptedIsAccepted(name: String) throws {
    let bytes = try Vector(name).bytes
    var generator = SplitMix64(seed: 25_000)
    var acceptedCount = 0
    for _ in 0..<10_000 {
      let damaged = Self.corrupted(bytes, using: &generator)
      if damaged != bytes, wireError(damaged) == nil { acceptedCount += 1 }
    }
    #expect(acceptedCount == 0)
  }

  /// Changes some bytes, overwrites a run, cuts, appends or swaps halves: what links and hosts do to
  /// datagrams.
  private static func corrupted(_ bytes: [UInt8], using generator: inout SplitMix64) -> [UInt8] {
    var damaged = bytes
    switch Int.random(in: 0..<5, using: &generator) {
    case 0:
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        damaged[Int.random(in: 0..<bytes.count, using: &generator)] ^= UInt8.random(
          in: 1...255, using: &generator)
      }
    case 1:
      let start = Int.random(in: 0..<bytes.count, using: &generator)
      for index in start..<Int.random(in: start + 1...bytes.count, using: &generator) {
        damaged[index] = UInt8.random(in: 0...255, using: &generator)
      }
    case 2: damaged.removeLast(Int.random(in: 1...bytes.count, using: &generator))
    case 3: damaged += generator.bytes(count: Int.random(in: 1...40, using: &generator))
    default:
      let cut = Int.random(in: 1..<bytes.count, using: &generator)
      damaged = Array(bytes[cut...] + bytes[..<cut])
    }
    return damaged
  }

  @Test func randomBytesNeverTrap() {
    var generator = SplitMix64(seed: 1)
    var acceptedCount = 0
    for _ in 0..<100_000 {
      let bytes = generator.bytes(count: Int.random(in: 0...120, using: &generator))
      if wireError(bytes) == nil { acceptedCount += 1 }
    }
    #expect(acceptedCount == 0)
  }

  /// With magic, version, type and checksum right, the body decoders meet random bytes. Accepted ones must be
  /// readable.
  @Test func signedRandomBodiesNeverTrap() {
    var generator = SplitMix64(seed: 2)
    var acceptedTypes: Set<UInt8> = []
    for _ in 0..<100_000 {
      let type = MessageType.allCases.randomElement(using: &generator) ?? .data
      var body = generator.bytes(count: Int.random(in: 0...100, using: &generator))
      // Small numbers at random places reach deeper: counts and lengths that fit.
      for index in body.indices where Bool.random(using: &generator) { body[index] = 0 }
      let bytes = ReferenceDatagram.make(
        type: type, flags: UInt8.random(in: 0...7, using: &generator), body: body)
      guard let decoded = try? Decoded.decode(bytes) else { continue }
      acceptedTypes.insert(type.rawValue)
      if case .control(let header, let message) = decoded {
        if case .nack(let nack) = message { #expect(nack.missingRanges.allSatisfy { $0.end <= 1 << 32 }) }
        let encoded = message.encode(
          sessionID: header.sessionID, packetNumber: header.packetNumber, flags: header.flags)
        #expect(controlMessage(encoded) == message)
      }
    }
    #expect(acceptedTypes.count >= 6, "the test no longer reaches the decoders: \(acceptedTypes)")
  }
}
