import FileSet
import Glibc
import Testing

@Suite struct DescriptorCacheTests {
  /// A descriptor of an end of a pipe of its own: other tests may get the same number once it is closed, but
  /// not the same inode.
  private struct Opened {
    let number: Int32
    private let inode: ino_t

    init() throws {
      var ends: [Int32] = [-1, -1]
      try #require(pipe(&ends) == 0)
      close(ends[1])
      number = ends[0]
      var status = stat()
      try #require(fstat(number, &status) == 0)
      inode = status.st_ino
    }

    var isOpen: Bool {
      var status = stat()
      return fstat(number, &status) == 0 && status.st_ino == inode && status.st_mode & S_IFMT == S_IFIFO
    }
  }

  @Test func theOneThatWasUnusedLongestGivesItsPlace() throws {
    var cache = DescriptorCache(capacity: 3)
    let opened = try (0..<4).map { _ in try Opened() }
    for file in 0..<3 { cache.insert(opened[file].number, for: file) }
    #expect(opened.map(\.isOpen) == [true, true, true, true], "three have places")
    _ = cache.descriptor(of: 0)
    _ = cache.descriptor(of: 2)
    cache.insert(opened[3].number, for: 3)
    let held = (0..<4).map { cache.descriptor(of: $0) }
    #expect(held == [opened[0].number, nil, opened[2].number, opened[3].number])
    #expect(opened.map(\.isOpen) == [true, false, true, true])
    cache.closeAll()
    let afterwards = cache.descriptor(of: 3)
    #expect(afterwards == nil)
    #expect(opened.map(\.isOpen) == [false, false, false, false])
  }

  @Test func whatIsRemovedIsTheCallers() throws {
    var cache = DescriptorCache(capacity: 2)
    let opened = try (0..<3).map { _ in try Opened() }
    cache.insert(opened[0].number, for: 0)
    cache.insert(opened[1].number, for: 1)
    let removed = cache.remove(0)
    let again = cache.remove(0)
    #expect(removed == opened[0].number && again == nil)
    cache.insert(opened[2].number, for: 2)
    let held = (0..<3).map { cache.descriptor(of: $0) }
    #expect(held == [nil, opened[1].number, opened[2].number], "the place was free")
    #expect(opened.map(\.isOpen) == [true, true, true])
    cache.closeAll()
    #expect(opened.map(\.isOpen) == [true, false, false])
    close(opened[0].number)
  }

  @Test func itsEndClosesAll() throws {
    let opened = try Opened()
    do {
      var cache = DescriptorCache(capacity: 1)
      cache.insert(opened.number, for: 7)
      let held = cache.descriptor(of: 7)
      #expect(held == opened.number)
    }
    #expect(!opened.isOpen)
  }
}
