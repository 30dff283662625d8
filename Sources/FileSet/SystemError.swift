import Glibc

/// The system's words for an error number, for example "No space left on device".
func errorText(_ errno: Int32) -> String {
  guard let text = strerror(errno) else { return "error \(errno)" }
  return String(cString: text)
}

/// The meaning of an error number for a file or folder, as the end of a sentence: "… failed: " + this. Plain
/// words where the system's own are hard to understand, and the system's words for the rest.
func plainReason(_ errno: Int32) -> String {
  switch errno {
  case EACCES, EPERM: "this user has no permission"
  case EROFS: "its file system is read-only"
  case ENOENT: "there is no such file or folder"
  case ENOTDIR: "a file is where a folder should be"
  case EISDIR: "a folder has that name"
  case EEXIST, ENOTEMPTY: "something else has that name"
  case ELOOP: "a symbolic link is in the way"
  case ENAMETOOLONG: "the name or the path is too long there"
  case EINVAL, EILSEQ: "its file system does not take such a name (\(errorText(errno)))"
  case EMFILE, ENFILE: "too many files are open (ulimit -n sets the limit)"
  case ENOSPC: "the disk is full"
  case EDQUOT: "this user's disk quota is used up"
  case EFBIG: "the file is larger than its file system or `ulimit -f` allows"
  case EIO, ENXIO, ENODEV: "the disk failed (\(errorText(errno)))"
  case ESTALE, ENOTCONN, EHOSTDOWN, ETIMEDOUT:
    "its file system is gone (\(errorText(errno))); mount it again"
  default: errorText(errno)
  }
}

extension FileSetError {
  /// The error for a failed write, create or rename. A full disk, quota or size limit is distinguished from
  /// the rest.
  static func storing(_ path: String, errno: Int32) -> FileSetError {
    switch errno {
    case ENOSPC, EDQUOT, EFBIG: .diskFull(path: path, errno: errno)
    default: .cannotStore(path: path, errno: errno)
    }
  }
}

/// Calls `body` again while a signal interrupts it. Returns the last result (-1: see `errno`).
@inline(__always)
func retryingInterrupts<Result: BinaryInteger>(_ body: () -> Result) -> Result {
  while true {
    let result = body()
    if result != -1 || errno != EINTR { return result }
  }
}

/// Owns one descriptor, and closes it at the end of its life.
struct OwnedDescriptor: ~Copyable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  deinit { closeDescriptor(number) }
}

extension stat {
  /// Last modification, nanoseconds since 1970, or the nearest value of 64 bits (before 1677, after 2262).
  var modificationTimeNanoseconds: Int64 { Self.nanoseconds(st_mtim) }
  /// Likewise, the last change of the contents, the name or the permissions.
  var changeTimeNanoseconds: Int64 { Self.nanoseconds(st_ctim) }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    let seconds = Int64(time.tv_sec)
    let (product, isTooFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, isBeyond) = product.addingReportingOverflow(Int64(time.tv_nsec))
    return !isTooFar && !isBeyond ? sum : seconds < 0 ? .min : .max
  }
}
