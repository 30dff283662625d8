import Checksum
import FileSet
import Glibc
import Testing
import Wire

/// Which folders of dead sessions stay in an inbox, and for how long.
@Suite struct KeptFoldersTests {
  private static func key(_ number: UInt64, chunkByteCount: Int = 1_000) -> PartKey {
    PartKey(
      shape: SetShape(chunkByteCount: chunkByteCount, manifestByteCount: 40, fileByteCounts: [5_000]),
      identity: SetIdentity(high: number, low: 7))
  }

  /// What a dead session of a set leaves. `age`: since its map changed, seconds.
  private static func leave(_ number: UInt64, in inbox: TestFolder, age: Int = 60) throws -> String {
    let name = ".gallery-\(Self.key(number).identity)-1000"
    inbox.folder(name)
    inbox.file("\(name)/map", [1])
    inbox.file("\(name)/0.part", [1])
    let times = [timespec(), timespec(tv_sec: time(nil) - age, tv_nsec: 0)]
    try #require(utimensat(AT_FDCWD, inbox.path("\(name)/map"), times, 0) == 0)
    return name
  }

  @Test func foldersOfOtherSetsStayForAWeek() throws {
    let inbox = TestFolder()
    let young = try Self.leave(1, in: inbox, age: 6 * 86_400)
    _ = try Self.leave(2, in: inbox, age: 8 * 86_400)
    let ofTheFuture = try Self.leave(3, in: inbox, age: -86_400)
    let store = try PartStore(inboxPath: inbox.path, sessionID: 0xBB)
    #expect(Set(inbox.names()) == [".gallery-00000000000000bb", young, ofTheFuture])
    store.close()
  }

  @Test func onlyTheYoungestStay() throws {
    let inbox = TestFolder()
    let names = try (1...20).map { try Self.leave(UInt64($0), in: inbox, age: 100 * $0) }
    try PartStore(inboxPath: inbox.path, sessionID: 0xBB).close()
    #expect(inbox.names() == names.prefix(16).sorted())
  }

  @Test func withoutResumingAllGo() throws {
    let inbox = TestFolder()
    _ = try Self.leave(1, in: inbox)
    _ = try Self.leave(2, in: inbox)
    try PartStore(inboxPath: inbox.path, key: Self.key(1), resumes: false).close()
    #expect(inbox.names().isEmpty)
  }

  /// A folder of another set makes room when the disk is full.
  @Test func theyMakeRoom() throws {
    let inbox = TestFolder()
    _ = try Self.leave(1, in: inbox)
    let store = try PartStore(inboxPath: inbox.path, key: Self.key(2))
    #expect(throws: FileSetError.self) { try store.checkFreeSpace(byteCount: .max) }
    #expect(inbox.names().count == 1)
    store.close()
  }

  /// Neither the folder of a living session nor one of another size of chunk is taken over.
  @Test func othersAreNotTakenOver() throws {
    let inbox = TestFolder()
    let living = try PartStore(inboxPath: inbox.path, key: Self.key(1))
    let second = try PartStore(inboxPath: inbox.path, key: Self.key(1))
    let other = try PartStore(inboxPath: inbox.path, key: Self.key(1, chunkByteCount: 500))
    #expect(Set([living, second, other].map { $0.partPath(ofFile: 0) }).count == 3)
    for store in [living, second, other] { store.close() }
    #expect(inbox.names().isEmpty)
  }
}
