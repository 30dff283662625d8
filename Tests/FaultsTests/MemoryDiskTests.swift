import FileSet
import Glibc
import Ground
import MemoryDisk
import Testing

/// The disk in memory does what the faults say. What its calls do is what `FileSet` does with them in
/// `FaultTests`.
@Suite struct MemoryDiskTests {
  private final class Host {
    let clock: UnsafeMutablePointer<Instant>
    let disk: MemoryDisk

    init(seed: UInt64 = 1) {
      clock = .allocate(capacity: 1)
      clock.initialize(to: .zero)
      disk = MemoryDisk(clock: clock, seed: seed)
    }

    deinit {
      disk.unmount()
      clock.deallocate()
    }

    func write(_ descriptor: Int32, _ bytes: [UInt8], at offset: Int? = nil) -> Int {
      var bytes = bytes
      return bytes.withUnsafeMutableBytes { raw in
        let part = iovec(iov_base: raw.baseAddress, iov_len: raw.count)
        return withUnsafePointer(to: part) {
          disk.write(descriptor, UnsafeBufferPointer(start: $0, count: 1), at: offset)
        }
      }
    }

    func file(_ name: String) -> Int32 { disk.open(disk.openRoot(), name, O_RDWR | O_CREAT, 0o600) }
  }

  /// What was brought to the disk, name and bytes, survives every power cut, and what was not may be lost.
  @Test func aPowerCutSparesWhatWasSynced() {
    var lostCount = 0
    for seed in UInt64(1)...40 {
      let host = Host(seed: seed)
      let file = host.file("kept")
      #expect(host.write(file, [1, 2, 3]) == 3)
      #expect(host.disk.sync(file) == 0 && host.disk.sync(host.disk.openRoot()) == 0)
      #expect(host.write(host.file("new"), [9]) == 1)
      host.disk.kill(.powerCut)
      host.disk.restart()
      #expect(host.disk.bytes("kept") == [1, 2, 3])
      if host.disk.bytes("new") != [9] { lostCount += 1 }
    }
    #expect((5..<40).contains(lostCount))
  }

  @Test func aKillSparesWhatWasWrittenAndEndsAllCalls() {
    let host = Host()
    let file = host.file("a")
    #expect(host.write(file, [1]) == 1 && host.disk.lock(file, LOCK_EX | LOCK_NB) == 0)
    host.disk.kill(.kill)
    #expect(host.write(file, [2]) == -1 && host.disk.remove(host.disk.openRoot(), "a", 0) == -1)
    host.disk.restart()
    #expect(host.disk.bytes("a") == [1])
    #expect(host.write(file, [2]) == -1 && errno == EBADF)
    let again = host.file("a")
    #expect(host.disk.lock(again, LOCK_EX | LOCK_NB) == 0)
  }

  @Test func aFullDiskRefusesBytesUntilItIsFreed() {
    let host = Host()
    let file = host.file("a")
    host.disk.failures[2] = .full(1_000)
    #expect(host.write(file, [1, 2]) == -1 && errno == ENOSPC && host.disk.freeByteCount == 0)
    host.clock.pointee = Instant(nanoseconds: 1_000)
    #expect(host.write(file, [1, 2]) == 2)
  }

  @Test func aWriteCanBeShort() {
    let host = Host()
    let file = host.file("a")
    host.disk.failures[2] = .shortWrite
    #expect(host.write(file, [1, 2, 3, 4]) == 2 && host.disk.bytes("a") == [1, 2])
  }
}
