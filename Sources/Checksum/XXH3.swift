/// XXH3-128 with seed 0 and the default secret, as the xxHash specification defines it
/// (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md).
///
/// It names file sets, so it runs once for each session, over the manifest alone. The tests compare it with
/// xxHash's own library at every length where the algorithm changes.
enum XXH3 {
  struct Hash128: Equatable {
    var low: UInt64
    var high: UInt64
  }

  static func hash128(_ bytes: UnsafeRawBufferPointer) -> Hash128 {
    switch bytes.count {
    case 0: hashOfNothing()
    case 1...3: hashOf1To3(bytes)
    case 4...8: hashOf4To8(bytes)
    case 9...16: hashOf9To16(bytes)
    case 17...128: hashOf17To128(bytes)
    case 129...240: hashOf129To240(bytes)
    default: hashOfLong(bytes)
    }
  }

  // MARK: Up to 16 bytes

  private static func hashOfNothing() -> Hash128 {
    Hash128(
      low: avalanche64(secret(64) ^ secret(72)),
      high: avalanche64(secret(80) ^ secret(88)))
  }

  private static func hashOf1To3(_ bytes: UnsafeRawBufferPointer) -> Hash128 {
    let low =
      UInt32(bytes[0]) << 16 | UInt32(bytes[bytes.count >> 1]) << 24 | UInt32(bytes[bytes.count - 1])
      | UInt32(bytes.count) << 8
    let swapped = low.byteSwapped
    let high = swapped << 13 | swapped >> 19
    return Hash128(
      low: avalanche64(UInt64(low) ^ UInt64(secretWord(0) ^ secretWord(4))),
      high: avalanche64(UInt64(high) ^ UInt64(secretWord(8) ^ secretWord(12))))
  }

  private static func hashOf4To8(_ bytes: UnsafeRawBufferPointer) -> Hash128 {
    let all = UInt64(word(bytes, 0)) | UInt64(word(bytes, bytes.count - 4)) << 32
    var hash = wideProduct(all ^ secret(16) ^ secret(24), Prime64.a &+ UInt64(bytes.count) << 2)
    hash.high &+= hash.low << 1
    hash.low ^= hash.high >> 3
    hash.low ^= hash.low >> 35
    hash.low &*= 0x9FB2_1C65_1E98_DF25
    hash.low ^= hash.low >> 28
    hash.high = avalanche(hash.high)
    return hash
  }

  private static func hashOf9To16(_ bytes: UnsafeRawBufferPointer) -> Hash128 {
    let first = long(bytes, 0)
    let last = long(bytes, bytes.count - 8)
    var mixed = wideProduct(first ^ last ^ secret(32) ^ secret(40), Prime64.a)
    mixed.low &+= UInt64(bytes.count - 1) << 54
    let flipped = last ^ secret(48) ^ secret(56)
    mixed.high &+= flipped &+ (flipped & 0xFFFF_FFFF) &* (Prime32.b - 1)
    mixed.low ^= mixed.high.byteSwapped
    var hash = wideProduct(mixed.low, Prime64.b)
    hash.high &+= mixed.high &* Prime64.b
    return Hash128(low: avalanche(hash.low), high: avalanche(hash.high))
  }

  // MARK: Up to 240 bytes

  private static func hashOf17To128(_ bytes: UnsafeRawBufferPointer) -> Hash128 {
    var sums = Hash128(low: UInt64(bytes.count) &* Prime64.a, high: 0)
    for pair in (0...(bytes.count - 1) / 32).reversed() {
      mix(bytes, 16 * pair, bytes.count - 16 * (pair + 1), secretOffset: 32 * pair, into: &sums)
    }
    return finished(sums, byteCount: bytes.count)
  }

  private static func hashOf129To240(_ bytes: UnsafeRawBufferPointer) -> Hash128 {
    var sums = Hash128(low: UInt64(bytes.count) &* Prime64.a, high: 0)
    for pair in 0..<4 { mix(bytes, 32 * pair, 32 * pair + 16, secretOffset: 32 * pair, into: &sums) }
    sums = Hash128(low: avalanche(sums.low), high: avalanche(sums.high))
    for pair in 4..<bytes.count / 32 {
      mix(bytes, 32 * pair, 32 * pair + 16, secretOffset: 3 + 32 * (pair - 4), into: &sums)
    }
    mix(bytes, bytes.count - 16, bytes.count - 32, secretOffset: 103, into: &sums)
    return finished(sums, byteCount: bytes.count)
  }

  /// Two pieces of 16 bytes: each is multiplied into one sum, and added to the other.
  private static func mix(
    _ bytes: UnsafeRawBufferPointer, _ first: Int, _ second: Int, secretOffset: Int, into sums: inout Hash128
  ) {
    sums.low &+= foldedProduct(
      long(bytes, first) ^ secret(secretOffset), long(bytes, first + 8) ^ secret(secretOffset + 8))
    sums.low ^= long(bytes, second) &+ long(bytes, second + 8)
    sums.high &+= foldedProduct(
      long(bytes, second) ^ secret(secretOffset + 16), long(bytes, second + 8) ^ secret(secretOffset + 24))
    sums.high ^= long(bytes, first) &+ long(bytes, first + 8)
  }

  private static func finished(_ sums: Hash128, byteCount: Int) -> Hash128 {
    let high = sums.low &* Prime64.a &+ sums.high &* Prime64.d &+ UInt64(byteCount) &* Prime64.b
    return Hash128(low: avalanche(sums.low &+ sums.high), high: 0 &- avalanche(high))
  }

  // MARK: More

  private static let stripeByteCount = 64
  /// A stripe's secret begins 8 bytes behind that of the stripe before; 16 stripes use up the secret.
  private static let stripesOfBlock = 16

  private static func hashOfLong(_ bytes: UnsafeRawBufferPointer) -> Hash128 {
    var sums: InlineArray<8, UInt64> = [
      Prime32.c, Prime64.a, Prime64.b, Prime64.c, Prime64.d, Prime32.b, Prime64.e, Prime32.a,
    ]
    // The last stripe is always the last 64 bytes, so the stripes before it end ahead of the last byte.
    let stripeCount = (bytes.count - 1) / stripeByteCount
    for stripe in 0..<stripeCount {
      let place = stripe % stripesOfBlock
      accumulate(bytes, stripe * stripeByteCount, secretOffset: 8 * place, into: &sums)
      if place == stripesOfBlock - 1 { scramble(&sums) }
    }
    accumulate(bytes, bytes.count - stripeByteCount, secretOffset: 121, into: &sums)
    let byteCount = UInt64(bytes.count)
    return Hash128(
      low: merged(sums, secretOffset: 11, start: byteCount &* Prime64.a),
      high: merged(sums, secretOffset: 117, start: ~(byteCount &* Prime64.b)))
  }

  private static func accumulate(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int, secretOffset: Int, into sums: inout InlineArray<8, UInt64>
  ) {
    for lane in 0..<8 {
      let value = long(bytes, offset + 8 * lane)
      let key = value ^ secret(secretOffset + 8 * lane)
      sums[lane ^ 1] &+= value
      sums[lane] &+= (key & 0xFFFF_FFFF) &* (key >> 32)
    }
  }

  private static func scramble(_ sums: inout InlineArray<8, UInt64>) {
    for lane in 0..<8 {
      let mixed = sums[lane] ^ sums[lane] >> 47 ^ secret(128 + 8 * lane)
      sums[lane] = mixed &* Prime32.a
    }
  }

  private static func merged(_ sums: InlineArray<8, UInt64>, secretOffset: Int, start: UInt64) -> UInt64 {
    var sum = start
    for pair in 0..<4 {
      sum &+= foldedProduct(
        sums[2 * pair] ^ secret(secretOffset + 16 * pair),
        sums[2 * pair + 1] ^ secret(secretOffset + 16 * pair + 8))
    }
    return avalanche(sum)
  }

  // MARK: Arithmetic

  private static func wideProduct(_ a: UInt64, _ b: UInt64) -> Hash128 {
    let product = a.multipliedFullWidth(by: b)
    return Hash128(low: product.low, high: product.high)
  }

  private static func foldedProduct(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.low ^ product.high
  }

  private static func avalanche(_ hash: UInt64) -> UInt64 {
    let mixed = (hash ^ hash >> 37) &* 0x1656_6791_9E37_79F9
    return mixed ^ mixed >> 32
  }

  /// The last step of XXH64, which the shortest inputs take.
  private static func avalanche64(_ hash: UInt64) -> UInt64 {
    var mixed = (hash ^ hash >> 33) &* Prime64.b
    mixed = (mixed ^ mixed >> 29) &* Prime64.c
    return mixed ^ mixed >> 32
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
    UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  private static func long(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}
