import FileSet
import Testing

@Suite struct TrailerTests {
  @Test func vector() throws {
    let bytes: [UInt8] = [0x47, 0x54, 0x52, 0x31, 0, 0, 0, 2, 0xDE, 0xAD, 0xBE, 0xEF, 0, 0, 0, 1]
    let trailer = Trailer(checksums: [0xDEAD_BEEF, 1])
    #expect(trailer.encoded() == bytes)
    #expect(try Trailer(decoding: bytes.span) == trailer)
    #expect(Trailer.encodedByteCount(fileCount: 2) == bytes.count)
  }

  @Test func everyOtherLengthIsRefused() {
    let bytes = Trailer(checksums: [1, 2, 3]).encoded()
    for count in 0..<bytes.count {
      #expect(throws: FileSetError.self) { try Trailer(decoding: bytes.span.extracting(first: count)) }
    }
    #expect(throws: FileSetError.invalidTrailer(reason: "3 entries in 21 bytes")) {
      try Trailer(decoding: (bytes + [0]).span)
    }
  }

  @Test func aManifestIsNoTrailer() throws {
    let bytes = try Manifest(entries: []).encoded()
    #expect(throws: FileSetError.invalidTrailer(reason: "no GTR1 at its start")) {
      try Trailer(decoding: bytes.span)
    }
  }

  @Test func anAnnouncedCountReservesNothing() {
    let bytes: [UInt8] = [0x47, 0x54, 0x52, 0x31, 0xFF, 0xFF, 0xFF, 0xFF]
    #expect(throws: FileSetError.invalidTrailer(reason: "4294967295 entries in 8 bytes")) {
      try Trailer(decoding: bytes.span)
    }
  }
}
