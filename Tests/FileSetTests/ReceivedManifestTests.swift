import Checksum
import FileSet
import Testing
import Wire

/// Manifests with their true identity, from a hostile sender.
@Suite struct ReceivedManifestTests {
  /// Announce and manifest agree, and the name leaves the inbox.
  @Test(arguments: ["../evil.jpg", "/tmp/evil.jpg", "a/../../evil.jpg"])
  func hostileManifestsEndTheSession(name: String) throws {
    let bytes = rawManifest([RawEntry(name: Array(name.utf8))])
    let inbox = TestFolder()
    let shape = SetShape(chunkByteCount: 1_000, manifestByteCount: bytes.count, fileByteCounts: [1])
    let set = try ReceivedSet(
      shape: shape, identity: SetIdentity(of: bytes.span),
      store: PartStore(inboxPath: inbox.path("in"), sessionID: 7))
    #expect {
      try set.accept(SentChunk(index: 0, payload: bytes, checksum: CRC32.checksum(bytes.span)))
    } throws: { error in
      guard case .unsafeName = error as? FileSetError else { return false }
      return true
    }
    #expect(inbox.names() == ["in"])
  }

  @Test func aManifestWithOtherSizesThanAnnouncedIsRefused() throws {
    let bytes = rawManifest([RawEntry(name: [0x61], byteCount: 1 << 40)])
    let inbox = TestFolder()
    let shape = SetShape(chunkByteCount: 1_000, manifestByteCount: bytes.count, fileByteCounts: [1])
    let set = try ReceivedSet(
      shape: shape, identity: SetIdentity(of: bytes.span),
      store: PartStore(inboxPath: inbox.path, sessionID: 7))
    #expect(throws: FileSetError.invalidManifest(reason: "it does not have the announced sizes")) {
      try set.accept(SentChunk(index: 0, payload: bytes, checksum: CRC32.checksum(bytes.span)))
    }
  }
}
