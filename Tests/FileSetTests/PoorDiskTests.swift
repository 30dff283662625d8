import FileSet
import MemoryDisk
import Testing

/// File systems that lack what ext4 offers: network shares, FAT, exFAT, and what stands behind FUSE.
@Suite struct PoorDiskTests {
  @Test(
    arguments: [
      [], [.locks], [.exclusiveRename], [.exclusiveRename, .links], [.locks, .exclusiveRename, .links],
    ] as [Set<MemoryDisk.Ability>])
  func filesArriveAndNoneIsReplaced(missing: Set<MemoryDisk.Ability>) throws {
    let host = try MemoryHost(missing: missing)
    let set = try host.receiver()
    for chunk in host.chunks { _ = try set.accept(chunk) }
    let outcome = try #require(set.settle())
    #expect(outcome.verifiedFileCount == 3)
    #expect(outcome.failures == [FileFailure(file: 3, error: .alreadyExists(name: "taken.jpg"))])
    for (name, bytes) in MemoryHost.files where name != "taken.jpg" {
      #expect(host.disk.bytes("inbox/\(name)") == bytes, "\(name)")
    }
    #expect(host.disk.bytes("inbox/taken.jpg") == [9])
    _ = set.close(keepsParts: false)
    #expect(host.names == ["a.jpg", "empty.jpg", "folder", "taken.jpg"], "nothing else is left")
  }

  /// A name is reserved by an empty file; then the process is killed, at each operation of the disk. The next
  /// session removes what was reserved in vain, and the files arrive.
  @Test func whatADeadSessionReservedIsWithdrawn() throws {
    let most = try MemoryHost(missing: [.exclusiveRename, .links])
    let set = try most.receiver()
    for chunk in most.chunks { _ = try set.accept(chunk) }
    _ = set.settle()
    var reservedCount = 0
    for operation in 1...most.disk.operationCount {
      let host = try MemoryHost(missing: [.exclusiveRename, .links])
      host.disk.failures = [operation: .kill]
      if let first = try? host.receiver() {
        for chunk in host.chunks { _ = try? first.accept(chunk) }
        _ = first.settle()
      }
      host.disk.restart()
      if host.disk.bytes("inbox/a.jpg") == [] { reservedCount += 1 }
      let second = try host.receiver()
      for chunk in host.chunks { _ = try second.accept(chunk) }
      #expect(second.settle()?.verifiedFileCount == 3, "killed at operation \(operation)")
      #expect(host.disk.bytes("inbox/a.jpg") == MemoryHost.files[0].1, "killed at operation \(operation)")
      _ = second.close(keepsParts: false)
      #expect(
        host.names == ["a.jpg", "empty.jpg", "folder", "taken.jpg"], "killed at operation \(operation)")
    }
    #expect(reservedCount > 0)
  }
}
