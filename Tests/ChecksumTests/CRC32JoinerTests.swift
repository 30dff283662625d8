import Checksum
import Testing

@Suite struct CRC32JoinerTests {
  @Test(arguments: [0, 1, 31, 1_440, 8_973], [0, 1, 2, 1_440, 65_475])
  func joinsTwoParts(firstByteCount: Int, secondByteCount: Int) {
    let first = sampleBytes(firstByteCount, seed: 1)
    let second = sampleBytes(secondByteCount, seed: 2)
    let whole = zlibChecksum(first + second)
    let (a, b) = (zlibChecksum(first), zlibChecksum(second))
    let joiner = CRC32.Joiner(byteCount: UInt64(secondByteCount))
    #expect(joiner.join(a, b) == whole)
    #expect(CRC32.joined(a, b, bByteCount: UInt64(secondByteCount)) == whole)
  }

  @Test func joinsAFileOfChunksInOrder() {
    let file = sampleBytes(100_000)
    let chunkByteCount = 1_440
    let joiner = CRC32.Joiner(byteCount: UInt64(chunkByteCount))
    var joined: UInt32 = 0
    for start in stride(from: 0, to: file.count, by: chunkByteCount) {
      let chunk = file[start..<min(start + chunkByteCount, file.count)]
      let checksum = zlibChecksum(chunk)
      joined =
        chunk.count == chunkByteCount
        ? joiner.join(joined, checksum) : CRC32.joined(joined, checksum, bByteCount: UInt64(chunk.count))
    }
    #expect(joined == zlibChecksum(file))
  }

  /// Beyond 2^32 bytes no buffer is at hand: joining must be associative instead.
  @Test(arguments: [UInt64(0x8000_0000), 0x1_0000_0000, 0x100_0000_0000, 0x400_0000_3039] as [UInt64])
  func joinsLongParts(byteCount: UInt64) {
    let (a, b, c): (UInt32, UInt32, UInt32) = (0x1234_5678, 0x9ABC_DEF0, 0x0BAD_CAFE)
    let joiner = CRC32.Joiner(byteCount: byteCount)
    let leftFirst = joiner.join(CRC32.joined(a, b, bByteCount: 77), c)
    let rightFirst = CRC32.joined(a, joiner.join(b, c), bByteCount: 77 + byteCount)
    #expect(leftFirst == rightFirst)
    #expect(joiner.join(a, b) == CRC32.joined(a, b, bByteCount: byteCount))
  }
}
