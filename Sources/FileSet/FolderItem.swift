import Glibc

/// An item that readdir found in an open folder; valid until the next readdir.
struct FolderItem {
  /// The name's bytes, which need not be UTF-8, followed by a NUL.
  let bytes: UnsafeBufferPointer<UInt8>
  private let folder: Int32
  private let type: UInt8

  init(_ item: UnsafeMutablePointer<dirent>, in folder: Int32) {
    bytes = Self.nameBytes(item)
    type = item.pointee.d_type
    self.folder = folder
  }

  /// Why a link could not be followed.
  struct SystemError: Error {
    let number: Int32
  }

  var isSelfOrParent: Bool { bytes.elementsEqual(".".utf8) || bytes.elementsEqual("..".utf8) }
  var isHidden: Bool { bytes.first == UInt8(ascii: ".") }
  var isReserved: Bool { bytes.starts(with: SafeName.reservedPrefix.utf8) }

  /// The file type, as in `st_mode`; nil when the item is gone.
  var kind: mode_t? {
    switch Int(type) {
    case Int(DT_REG): return S_IFREG
    case Int(DT_DIR): return S_IFDIR
    case Int(DT_LNK): return S_IFLNK
    default: return try? status(AT_SYMLINK_NOFOLLOW).get()
    }
  }

  /// The file type of what a link leads to.
  var target: Result<mode_t, SystemError> { status(0) }

  /// Opens a folder, but not a link to one. Negative when it cannot be opened.
  func openFolder() -> Int32 {
    withName { openat(folder, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
  }

  /// The words for an item that is neither a regular file nor a folder.
  static func words(_ kind: mode_t) -> String {
    switch kind {
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    case S_IFBLK, S_IFCHR: "a device"
    default: "no file"
    }
  }

  /// The bytes of a directory entry's name; valid until the next readdir.
  static func nameBytes(_ item: UnsafeMutablePointer<dirent>) -> UnsafeBufferPointer<UInt8> {
    let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
    let start = (UnsafeRawPointer(item) + offset).assumingMemoryBound(to: UInt8.self)
    return UnsafeBufferPointer(
      start: start, count: strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self)))
  }

  private func status(_ flags: Int32) -> Result<mode_t, SystemError> {
    var status = stat()
    guard withName({ fstatat(folder, $0, &status, flags) }) == 0 else {
      return .failure(SystemError(number: errno))
    }
    return .success(status.st_mode & S_IFMT)
  }

  private func withName(_ body: (UnsafePointer<CChar>) -> Int32) -> Int32 {
    guard let start = bytes.baseAddress else { return -1 }
    return body(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))
  }
}
