import CLinux
import Glibc

// The kernel's calls as this room makes them. A function of a module hides one of Glibc that has its name, so
// the rest of the room calls these. A call for a descriptor of a disk in memory (`Disk`) goes to this disk;
// every other call costs one comparison more.

func openat(_ folder: Int32, _ name: String, _ flags: Int32, _ mode: mode_t = 0) -> Int32 {
  if let disk = disk(of: folder) { return disk.open(folder, name, flags, mode) }
  return Glibc.openat(folder, name, flags, mode)
}

@discardableResult
func closeDescriptor(_ descriptor: Int32) -> Int32 {
  if let disk = disk(of: descriptor) { return disk.close(descriptor) }
  return Glibc.close(descriptor)
}

/// Another descriptor of the same open file; -1 when there is none.
func duplicate(_ descriptor: Int32) -> Int32 {
  if let disk = disk(of: descriptor) { return disk.duplicate(descriptor) }
  return fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
}

func pread(_ descriptor: Int32, _ start: UnsafeMutableRawPointer?, _ count: Int, _ offset: off_t) -> Int {
  if let disk = disk(of: descriptor) {
    return disk.read(descriptor, UnsafeMutableRawBufferPointer(start: start, count: count), at: Int(offset))
  }
  return Glibc.pread(descriptor, start, count, offset)
}

func preadv(_ descriptor: Int32, _ parts: UnsafePointer<iovec>, _ count: Int32, _ offset: off_t) -> Int {
  guard let disk = disk(of: descriptor) else { return Glibc.preadv(descriptor, parts, count, offset) }
  var done = 0
  for part in UnsafeBufferPointer(start: parts, count: Int(count)) {
    let buffer = UnsafeMutableRawBufferPointer(start: part.iov_base, count: part.iov_len)
    let moved = disk.read(descriptor, buffer, at: Int(offset) + done)
    if moved < 0 { return done > 0 ? done : -1 }
    done += moved
    if moved < part.iov_len { break }
  }
  return done
}

/// `read` of Glibc.
func readBytes(_ descriptor: Int32, _ start: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  if let disk = disk(of: descriptor) {
    return disk.read(descriptor, UnsafeMutableRawBufferPointer(start: start, count: count), at: nil)
  }
  return Glibc.read(descriptor, start, count)
}

func pwrite(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int, _ offset: off_t) -> Int {
  if let disk = disk(of: descriptor) { return disk.write(descriptor, start, count, at: Int(offset)) }
  return Glibc.pwrite(descriptor, start, count, offset)
}

func pwritev(_ descriptor: Int32, _ parts: UnsafePointer<iovec>, _ count: Int32, _ offset: off_t) -> Int {
  if let disk = disk(of: descriptor) {
    return disk.write(descriptor, UnsafeBufferPointer(start: parts, count: Int(count)), at: Int(offset))
  }
  return Glibc.pwritev(descriptor, parts, count, offset)
}

/// `write` of Glibc.
func writeBytes(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
  if let disk = disk(of: descriptor) { return disk.write(descriptor, start, count, at: nil) }
  return Glibc.write(descriptor, start, count)
}

extension Disk {
  fileprivate func write(
    _ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int, at offset: Int?
  ) -> Int {
    let part = iovec(iov_base: UnsafeMutableRawPointer(mutating: start), iov_len: count)
    return withUnsafePointer(to: part) {
      write(descriptor, UnsafeBufferPointer(start: $0, count: 1), at: offset)
    }
  }
}

/// Where a file that is appended to ends, `lseek` of Glibc.
func position(_ descriptor: Int32) -> Int {
  if let disk = disk(of: descriptor) { return disk.position(descriptor) }
  return lseek(descriptor, 0, SEEK_CUR)
}

func ftruncate(_ descriptor: Int32, _ byteCount: off_t) -> Int32 {
  if let disk = disk(of: descriptor) { return disk.truncate(descriptor, Int(byteCount)) }
  return Glibc.ftruncate(descriptor, byteCount)
}

func fchmod(_ descriptor: Int32, _ mode: mode_t) -> Int32 {
  if let disk = disk(of: descriptor) { return disk.setMode(descriptor, mode) }
  return Glibc.fchmod(descriptor, mode)
}

/// Sets the modification time and leaves that of the last access, `futimens` of Glibc.
func setModificationTime(_ descriptor: Int32, _ time: timespec) -> Int32 {
  if let disk = disk(of: descriptor) { return disk.setModificationTime(descriptor, time) }
  return futimens(descriptor, [timespec(tv_sec: 0, tv_nsec: GALLERY_UTIME_OMIT), time])
}

func lockFile(_ descriptor: Int32, _ operation: Int32) -> Int32 {
  if let disk = disk(of: descriptor) { return disk.lock(descriptor, operation) }
  return flock(descriptor, operation)
}

func fdatasync(_ descriptor: Int32) -> Int32 {
  if let disk = disk(of: descriptor) { return disk.sync(descriptor) }
  return Glibc.fdatasync(descriptor)
}

func fsync(_ descriptor: Int32) -> Int32 {
  if let disk = disk(of: descriptor) { return disk.sync(descriptor) }
  return Glibc.fsync(descriptor)
}

/// The whole file system.
func syncfs(_ descriptor: Int32) -> Int32 {
  if let disk = disk(of: descriptor) { return disk.syncAll() }
  return gallery_syncfs(descriptor)
}

func fstat(_ descriptor: Int32, _ status: UnsafeMutablePointer<stat>) -> Int32 {
  if let disk = disk(of: descriptor) { return disk.status(descriptor, status) }
  return Glibc.fstat(descriptor, status)
}

func fstatat(_ folder: Int32, _ name: String, _ status: UnsafeMutablePointer<stat>, _ flags: Int32) -> Int32 {
  if let disk = disk(of: folder) { return disk.status(folder, name, status) }
  return Glibc.fstatat(folder, name, status, flags)
}

func mkdirat(_ folder: Int32, _ name: String, _ mode: mode_t) -> Int32 {
  if let disk = disk(of: folder) { return disk.makeFolder(folder, name, mode) }
  return Glibc.mkdirat(folder, name, mode)
}

func unlinkat(_ folder: Int32, _ name: String, _ flags: Int32) -> Int32 {
  if let disk = disk(of: folder) { return disk.remove(folder, name, flags) }
  return Glibc.unlinkat(folder, name, flags)
}

func renameat(_ folder: Int32, _ name: String, _ target: Int32, _ newName: String) -> Int32 {
  if let disk = disk(of: folder) { return disk.rename(folder, name, target, newName, replaces: true) }
  return Glibc.renameat(folder, name, target, newName)
}

/// `renameat2` with the flag that refuses a taken name.
func renameWithoutReplacing(_ folder: Int32, _ name: String, _ target: Int32, _ newName: String) -> Int32 {
  if let disk = disk(of: folder) { return disk.rename(folder, name, target, newName, replaces: false) }
  return renameat2(folder, name, target, newName, GALLERY_RENAME_NOREPLACE)
}

func linkat(_ folder: Int32, _ name: String, _ target: Int32, _ newName: String, _ flags: Int32) -> Int32 {
  if let disk = disk(of: folder) { return disk.link(folder, name, target, newName) }
  return Glibc.linkat(folder, name, target, newName, flags)
}

/// Bytes that this user may still write to the file system; nil when it does not say.
func freeByteCount(_ descriptor: Int32) -> UInt64? {
  if let disk = disk(of: descriptor) { return disk.freeByteCount }
  var status = statvfs()
  guard fstatvfs(descriptor, &status) == 0 else { return nil }
  let (available, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
  return overflow ? nil : available
}

/// Seconds since 1970, by the clock that sets the times of the folder's files.
func secondsSince1970(_ folder: Int32) -> Int {
  if let disk = disk(of: folder) { return disk.seconds }
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  return Int(now.tv_sec)
}
