import FileSet
import Glibc
import MemoryDisk
import Testing
import Wire

/// A file is recognised by its record only while each of the marks that the record names is as it was,
/// Specs/resume.md §7. On a disk in memory, because a kernel sets all marks together.
@Suite struct RecognisedFileTests {
  enum Change: CaseIterable, Sendable { case none, size, inode, modificationTime, changeTime }

  /// The chunks that a second session recognises, after `change` on the disk of the first.
  private func recognised(
    on host: MemoryHost, after change: (MemoryNode) throws -> Void
  ) throws -> (Set<UInt64>, SetLayout) {
    let first = try host.receiver(recordsPath: "cache/records")
    for chunk in host.chunks { _ = try first.accept(chunk) }
    #expect(first.settle()?.verifiedFileCount == 3)
    _ = first.close(keepsParts: true)
    try change(try #require(host.disk.node("inbox/a.jpg")))
    let second = try host.receiver(recordsPath: "cache/records")
    for chunk in host.chunks.prefix(Int(second.shape.manifestChunkCount)) { _ = try second.accept(chunk) }
    return (Set(second.takeRecognised().joined()), try #require(second.layout))
  }

  @Test(arguments: Change.allCases) func oneMarkIsEnough(change: Change) throws {
    let host = try MemoryHost()
    let (recognised, layout) = try recognised(on: host) { file in
      switch change {
      case .none: break
      case .size: file.bytes.append(0)
      case .inode:
        let copy = host.disk.make("inbox/a.jpg", file.bytes)
        (copy.mode, copy.modifiedAt, copy.changedAt) = (file.mode, file.modifiedAt, file.changedAt)
      case .modificationTime: file.modifiedAt.tv_nsec += 1
      case .changeTime: file.changedAt.tv_nsec += 1
      }
    }
    #expect(recognised.isSuperset(of: layout.chunks(ofFile: 2)), "folder/b.jpg is as it was")
    #expect(recognised.isDisjoint(with: layout.chunks(ofFile: 0)) == (change != .none))
  }

  /// The system says which boot this is, or says nothing useful. Then the bytes are compared, because a power
  /// cut may have changed them and left all marks as they were.
  @Test(arguments: [false, true]) func withoutABootBytesAreCompared(isBootKnown: Bool) throws {
    let host = try MemoryHost()
    if !isBootKnown {
      try #require(host.disk.node("proc/sys/kernel/random/boot_id")).bytes = Array("boot".utf8)
    }
    let (recognised, layout) = try recognised(on: host) { $0.bytes[7] ^= 1 }
    #expect(recognised.isSuperset(of: layout.chunks(ofFile: 2)), "folder/b.jpg is as it was")
    #expect(recognised.isDisjoint(with: layout.chunks(ofFile: 0)) == !isBootKnown)
  }
}
