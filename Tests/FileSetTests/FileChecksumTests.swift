import Checksum
import FileSet
import Glibc
import Testing

@Suite struct FileChecksumTests {
  /// More than one read, and the last one short.
  @Test(arguments: [0, 1, 65_536, 150_001]) func ofTheFirstBytes(byteCount: Int) throws {
    let folder = TestFolder()
    let bytes = sampleBytes(150_001)
    let file = open(folder.file("a", bytes), O_RDONLY | O_CLOEXEC)
    try #require(file >= 0)
    defer { close(file) }
    let expected = CRC32.checksum(Array(bytes[..<byteCount]).span)
    #expect(fileChecksum(file, byteCount: UInt64(byteCount)) == expected)
  }

  /// It became shorter, or cannot be read: no endless reading at its end.
  @Test func ofAShorterFileIsNone() throws {
    let folder = TestFolder()
    let path = folder.file("a", [1, 2, 3])
    let file = open(path, O_RDONLY | O_CLOEXEC)
    let written = open(path, O_WRONLY | O_CLOEXEC)
    try #require(file >= 0 && written >= 0)
    defer {
      close(file)
      close(written)
    }
    #expect(fileChecksum(file, byteCount: 4) == nil)
    #expect(fileChecksum(written, byteCount: 3) == nil)
  }
}
