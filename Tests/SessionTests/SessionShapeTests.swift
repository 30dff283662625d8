import Session
import Testing
import Wire

@Suite struct SessionShapeTests {
  @Test func followsFromAnAnnounce() throws {
    let shape = try #require(SessionShape(SessionNetwork.announce(fileChunks: 5)))
    #expect(shape.chunkCount == 7 && shape.manifestChunkCount == 2)
    #expect(shape.chunkByteCount == 1_440)
  }

  @Test func theLargestSetHasTwoToTheThirtyTwoChunks() {
    #expect(SessionShape(SessionNetwork.announce(fileChunks: (1 << 32) - 2))?.chunkCount == 1 << 32)
    #expect(SessionShape(SessionNetwork.announce(fileChunks: (1 << 32) - 1)) == nil)
  }

  @Test func refusesWhatIsNoSet() {
    var announce = SessionNetwork.announce(fileChunks: 0)
    announce.fileChunkCount = .max
    #expect(SessionShape(announce) == nil)
    announce = SessionNetwork.announce(fileChunks: 1, chunkByteCount: 0)
    #expect(SessionShape(announce) == nil)
    announce = SessionNetwork.announce(fileChunks: 1)
    announce.manifestByteCount = 0
    #expect(SessionShape(announce) == nil)
  }
}
