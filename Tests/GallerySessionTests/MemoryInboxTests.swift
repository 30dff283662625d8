import TestSupport
import Testing

import GallerySession
import Wire

@Suite struct MemoryInboxTests {
  private static let file = SessionFile(name: "a", bytes: seededBytes(250, seed: 4))

  /// All chunks of a set, changed by `change`.
  private func verdict(_ change: (inout [[UInt8]]) -> Void = { _ in }) throws
    -> (MemoryInbox.Verdict, [SessionFile]?)
  {
    let set = try MemorySet([Self.file, SessionFile(name: "b", bytes: [1])], chunkByteCount: 100)
    var hint = 0
    var payloads = (0..<UInt32(set.announce.shape.chunkCount)).map { set.payload(of: $0, hint: &hint) }
    change(&payloads)
    var inbox = MemoryInbox(set.announce)
    for (chunk, payload) in payloads.enumerated() { inbox.keep(payload, as: UInt32(chunk)) }
    return (inbox.verify(), inbox.files)
  }

  @Test func wholeFilesAreThere() throws {
    let (verdict, files) = try verdict()
    #expect(verdict.verifiedCount == 2 && verdict.failedCount == 0 && verdict.text.isEmpty)
    #expect(files?.first == Self.file)
  }

  @Test func aWrongByteFailsItsFileAlone() throws {
    let (verdict, files) = try verdict { $0[1][5] ^= 1 }
    #expect(verdict.verifiedCount == 1 && verdict.failedCount == 1)
    #expect(verdict.text == "a: the CRC32 is not that of the sender")
    #expect(files == nil)
  }

  @Test func aWrongManifestFailsAll() throws {
    let (verdict, files) = try verdict { $0[0][9] ^= 1 }
    #expect(verdict.failedCount == 2 && files == nil)
  }

  @Test func aChunkOfWrongLengthFails() throws {
    #expect(try verdict { $0[2].removeLast() }.0.failedCount == 1)
    #expect(try verdict { $0[2].append(0) }.0.failedCount == 1)
  }
}
