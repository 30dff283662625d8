import Checksum
import Ground
import Capture
import Testing
import Wire

/// The account's bytes of chunked TCP against the frames that `Wire` writes.
@Suite struct StreamSizesTests {
  private func payload(_ images: [UInt64], manifest: Int = 500) -> UInt64 {
    let set = AccountedSet(imageByteCounts: images, manifestByteCount: manifest)
    return Predictor(set: set, receiverCount: 1, sizes: HeaderSizes()).predict(.chunked, .tcp).total
      .payloadByteCount
  }

  @Test func aSetOfSmallFilesIsOneDataFrameEach() throws {
    let hello = StreamHello(
      sessionID: 1, identity: SetIdentity(high: 1, low: 2), manifestByteCount: 500, fileCount: 2,
      fileByteCount: 300)
    let digest = StreamDigest(file: 0, checksum: 0).frame().count
    let end = StreamEnd(fileCount: 2, fileByteCount: 300).frame().count
    let manifest = StreamLimits.frameHeaderByteCount + 500
    let files = 2 * (StreamDataHeader.framedByteCount + digest) + 300
    #expect(payload([100, 200]) == UInt64(hello.frame().count + manifest + files + end))
    // A receiver needs nothing of an empty file.
    #expect(payload([100, 200, 0]) == payload([100, 200]))
  }

  /// A frame of data per buffer of 1 MiB, in whole units of 65,475 bytes: 16 of them beside a short manifest.
  @Test func aLargeFileIsCutAtTheBuffers() {
    let unit: UInt64 = 65_475
    let base = payload([1])
    #expect(payload([16 * unit]) == base + 16 * unit - 1)
    #expect(payload([17 * unit]) == base + 17 * unit - 1 + 17)
  }
}
