import Glibc

/// Opens and makes folders inside the inbox, component by component and never through a symbolic link. So
/// neither a name nor a planted link leads out of the inbox.
struct InboxFolders: ~Copyable {
  let inboxPath: String
  let inbox: OwnedDescriptor
  /// The folder opened last. Names arrive in sorted order, so most files are in the same folder as the file
  /// before.
  private var lastName = ""
  private var lastDescriptor: Int32 = -1

  /// Opens the inbox, and makes it when it does not exist yet. `start`: where a relative path begins. Throws
  /// `cannotStore`.
  init(inboxPath: String, from start: Int32 = AT_FDCWD) throws(FileSetError) {
    try Self.makeFolders(inboxPath, from: start)
    let descriptor = openat(start, inboxPath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotStore(path: inboxPath, errno: errno) }
    self.inbox = OwnedDescriptor(descriptor)
    self.inboxPath = inboxPath
  }

  deinit { if lastDescriptor >= 0 { closeDescriptor(lastDescriptor) } }

  /// The folder for `name`, and the last component of `name`. The descriptor lives until the next call.
  /// `name` obeys `SafeName`'s rules. Throws `cannotStore`.
  mutating func folder(for name: String) throws(FileSetError) -> (descriptor: Int32, base: String) {
    guard let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (inbox.number, name) }
    let folderName = String(name[..<slash])
    let base = String(name[name.utf8.index(after: slash)...])
    if lastDescriptor < 0 || folderName != lastName { try open(folderName) }
    return (lastDescriptor, base)
  }

  /// The folder in `inbox` for `name`, when it exists; this makes none. Nil when it is not there.
  static func existingFolder(of name: String, in inbox: Int32) -> OwnedDescriptor? {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    var number = openat(inbox, ".", flags)
    for component in name.split(separator: "/").dropLast() where number >= 0 {
      let parent = OwnedDescriptor(number)
      number = openat(parent.number, String(component), flags)
    }
    return number >= 0 ? OwnedDescriptor(number) : nil
  }

  private mutating func open(_ folderName: String) throws(FileSetError) {
    var descriptor: Int32 = -1
    for component in folderName.split(separator: "/") {
      let parent = descriptor < 0 ? inbox.number : descriptor
      let next = Self.openFolder(String(component), in: parent)
      let reason = errno
      if descriptor >= 0 { closeDescriptor(descriptor) }
      guard next >= 0 else {
        // A link in the way is ELOOP or ENOTDIR by the kernel's choice.
        throw .storing("\(inboxPath)/\(folderName)", errno: reason)
      }
      descriptor = next
    }
    if lastDescriptor >= 0 { closeDescriptor(lastDescriptor) }
    (lastDescriptor, lastName) = (descriptor, folderName)
  }

  private static func openFolder(_ name: String, in parent: Int32) -> Int32 {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let descriptor = openat(parent, name, flags)
    if descriptor >= 0 || errno != ENOENT { return descriptor }
    guard mkdirat(parent, name, 0o777) == 0 || errno == EEXIST else { return -1 }
    return openat(parent, name, flags)
  }

  /// Makes the inbox and the folders above it, as `mkdir -p` does.
  private static func makeFolders(_ path: String, from start: Int32) throws(FileSetError) {
    if mkdirat(start, path, 0o777) == 0 || errno == EEXIST { return }
    let reason = errno
    guard reason == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex
    else {
      throw .storing(path, errno: reason)
    }
    try makeFolders(String(path[..<slash]), from: start)
    guard mkdirat(start, path, 0o777) == 0 || errno == EEXIST else { throw .storing(path, errno: errno) }
  }
}
