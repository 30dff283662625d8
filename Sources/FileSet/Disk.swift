package import Glibc
import Synchronization

/// A disk that a test holds in memory and lets fail. This room's calls for a descriptor of such a disk go to
/// the disk and not to the kernel (`Kernel.swift`). Each function follows the call of this name: it returns
/// -1 and sets `errno` when it fails. One thread at a time.
package protocol Disk: AnyObject, Sendable {
  func open(_ folder: Int32, _ name: String, _ flags: Int32, _ mode: mode_t) -> Int32
  func close(_ descriptor: Int32) -> Int32
  /// Another descriptor of the same open file.
  func duplicate(_ descriptor: Int32) -> Int32
  /// `offset` nil: behind what this descriptor read last.
  func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int?) -> Int
  /// `offset` nil: at the end of the file. May write less than everything.
  func write(_ descriptor: Int32, _ parts: UnsafeBufferPointer<iovec>, at offset: Int?) -> Int
  /// The end of what was written through this descriptor.
  func position(_ descriptor: Int32) -> Int
  func truncate(_ descriptor: Int32, _ byteCount: Int) -> Int32
  func setMode(_ descriptor: Int32, _ mode: mode_t) -> Int32
  func setModificationTime(_ descriptor: Int32, _ time: timespec) -> Int32
  func lock(_ descriptor: Int32, _ operation: Int32) -> Int32
  /// Brings a file's bytes, or a folder's names, to what a power cut spares.
  func sync(_ descriptor: Int32) -> Int32
  func syncAll() -> Int32
  func status(_ descriptor: Int32, _ status: UnsafeMutablePointer<stat>) -> Int32
  func status(_ folder: Int32, _ name: String, _ status: UnsafeMutablePointer<stat>) -> Int32
  func makeFolder(_ folder: Int32, _ name: String, _ mode: mode_t) -> Int32
  func remove(_ folder: Int32, _ name: String, _ flags: Int32) -> Int32
  func rename(_ folder: Int32, _ name: String, _ target: Int32, _ newName: String, replaces: Bool) -> Int32
  func link(_ folder: Int32, _ name: String, _ target: Int32, _ newName: String) -> Int32
  func names(in folder: Int32) -> [String]
  /// Bytes that can still be written.
  var freeByteCount: UInt64 { get }
  /// Seconds since 1970, by the clock of the host that has this disk.
  var seconds: Int { get }
  /// Runs what this room gives to a thread of its own (`PartSync`), at a time of the disk's choice or never.
  func runLater(_ job: @escaping @Sendable () -> Void)
}

/// The disks of tests, by their descriptors. The kernel gives no descriptor as large as `firstDescriptor`.
package enum Disks {
  package static let firstDescriptor: Int32 = 1 << 30
  /// Descriptors of one disk.
  package static let descriptorCount: Int32 = 1 << 20
  private static let mounted = Mutex<[(any Disk)?]>([])

  /// Mounts a disk. Its descriptors are those in the range that is returned.
  package static func mount(_ disk: any Disk) -> Range<Int32> {
    mounted.withLock { disks in
      let place = disks.firstIndex { $0 == nil } ?? disks.count
      if place == disks.count { disks.append(disk) } else { disks[place] = disk }
      precondition(place < 1_000, "too many disks")
      let first = firstDescriptor + Int32(place) * descriptorCount
      return first..<first + (descriptorCount - 1)
    }
  }

  /// Calls for its descriptors go to the kernel from now on, which knows none of them.
  package static func unmount(_ descriptors: Range<Int32>) {
    mounted.withLock { $0[place(of: descriptors.lowerBound)] = nil }
  }

  fileprivate static func disk(of descriptor: Int32) -> (any Disk)? {
    let place = place(of: descriptor)
    return mounted.withLock { $0.indices.contains(place) ? $0[place] : nil }
  }

  private static func place(of descriptor: Int32) -> Int {
    Int((descriptor - firstDescriptor) / descriptorCount)
  }
}

/// The disk in memory that has this descriptor; nil for a descriptor of the kernel's.
@inline(__always)
func disk(of descriptor: Int32) -> (any Disk)? {
  descriptor < Disks.firstDescriptor ? nil : Disks.disk(of: descriptor)
}
