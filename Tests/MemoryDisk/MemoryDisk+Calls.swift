import FileSet
package import Glibc
import Ground

/// The calls that `FileSet` makes.
extension MemoryDisk {
  private func fail(_ code: Int32) -> Int32 {
    errno = code
    return -1
  }

  private func file(_ descriptor: Int32) -> OpenFile? { dead == nil ? open[descriptor] : nil }

  private func folder(_ descriptor: Int32) -> MemoryNode? {
    guard let node = file(descriptor)?.node, node.isFolder else { return nil }
    return node
  }

  /// The folder in which a path's last component is, and that component.
  private func place(_ start: Int32, _ path: String) -> (folder: MemoryNode, base: String)? {
    guard var node = folder(start) else { return nil }
    if path.utf8.first == UInt8(ascii: "/") { node = root }
    guard path.utf8.contains(UInt8(ascii: "/")) else { return (node, path) }
    let names = path.split(separator: "/").map(String.init)
    for name in names.dropLast() where name != "." {
      guard let next = node.names[name], next.isFolder else { return nil }
      node = next
    }
    return (node, names.last ?? ".")
  }

  private func find(_ start: Int32, _ path: String) -> MemoryNode? {
    guard let (folder, base) = place(start, path) else { return nil }
    return base == "." ? folder : folder.names[base]
  }

  /// Changes names, all at once.
  private func change(_ changes: [(folder: MemoryNode, name: String, node: MemoryNode?)]) {
    nameLog.append(changes.map { .entry($0.folder, $0.name, $0.folder.names[$0.name]) })
    for (folder, name, node) in changes {
      if let old = folder.names[name] { old.linkCount -= min(1, old.linkCount) }
      folder.names[name] = node
      folder.modifiedAt = now
      node?.linkCount += 1
      node?.changedAt = now
    }
  }

  package func open(_ start: Int32, _ name: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
    guard let (folder, base) = place(start, name) else { return fail(dead == nil ? ENOENT : EIO) }
    guard let node = base == "." ? folder : folder.names[base] else {
      guard flags & O_CREAT != 0 else { return fail(ENOENT) }
      if let code = begin(), code != 0 { return fail(code) }
      if let fullCode { return fail(fullCode) }
      let file = makeNode(isFolder: false, mode: mode & 0o755)
      change([(folder, base, file)])
      return add(file)
    }
    if flags & (O_CREAT | O_EXCL) == O_CREAT | O_EXCL { return fail(EEXIST) }
    if flags & O_DIRECTORY != 0, !node.isFolder { return fail(ENOTDIR) }
    if node.isFolder, flags & O_ACCMODE != O_RDONLY { return fail(EISDIR) }
    if flags & O_TRUNC != 0 {
      if let code = begin(), code != 0 { return fail(code) }
      node.truncate(0)
    }
    return add(node)
  }

  package func close(_ descriptor: Int32) -> Int32 {
    guard let file = open.removeValue(forKey: descriptor) else { return fail(EBADF) }
    if file.node.lockHolder == file.id, !open.values.contains(where: { $0.id == file.id }) {
      file.node.lockHolder = nil
    }
    return 0
  }

  package func duplicate(_ descriptor: Int32) -> Int32 {
    guard let file = file(descriptor) else { return fail(EBADF) }
    let number = add(file.node)
    open[number] = file
    return number
  }

  package func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int?) -> Int {
    guard let file = file(descriptor), !file.node.isFolder else { return Int(fail(EBADF)) }
    readCount += 1
    if readFailures.contains(readCount) { return Int(fail(EIO)) }
    let start = offset ?? file.position
    let count = max(0, min(buffer.count, file.node.bytes.count - start))
    file.node.bytes.withUnsafeBytes {
      buffer.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: $0[min(start, $0.count)..<min(start, $0.count) + count]))
    }
    if offset == nil { open[descriptor]?.position += count }
    return count
  }

  package func write(_ descriptor: Int32, _ parts: UnsafeBufferPointer<iovec>, at offset: Int?) -> Int {
    guard let file = file(descriptor), !file.node.isFolder else { return Int(fail(EBADF)) }
    var bytes: [UInt8] = []
    for part in parts { bytes += UnsafeRawBufferPointer(start: part.iov_base, count: part.iov_len) }
    if let code = begin(isWrite: true) {
      guard code == 0 || code == fullCode, dead == nil, bytes.count > 1 else {
        return Int(fail(code == 0 ? EIO : code))
      }
      // Some of the bytes: behind a short write another one is tried; a full disk refuses that.
      if code != 0, bytes.count % 2 == 0 { return Int(fail(code)) }
      bytes.removeLast(bytes.count / 2)
    }
    let start = offset ?? file.node.bytes.count
    file.node.write(bytes, at: start)
    (file.node.modifiedAt, file.node.changedAt) = (now, now)
    open[descriptor]?.position = start + bytes.count
    return bytes.count
  }

  package func position(_ descriptor: Int32) -> Int { file(descriptor)?.position ?? Int(fail(EBADF)) }

  package func truncate(_ descriptor: Int32, _ byteCount: Int) -> Int32 {
    guard let file = file(descriptor) else { return fail(EBADF) }
    if let code = begin(), code != 0 { return fail(code) }
    file.node.truncate(byteCount)
    return 0
  }

  package func setMode(_ descriptor: Int32, _ mode: mode_t) -> Int32 {
    guard let file = file(descriptor) else { return fail(EBADF) }
    file.node.mode = mode
    file.node.changedAt = now
    return 0
  }

  package func setModificationTime(_ descriptor: Int32, _ time: timespec) -> Int32 {
    guard let file = file(descriptor) else { return fail(EBADF) }
    nameLog.append([.time(file.node, file.node.modifiedAt)])
    file.node.modifiedAt = time
    file.node.changedAt = now
    return 0
  }

  package func lock(_ descriptor: Int32, _ operation: Int32) -> Int32 {
    guard let file = file(descriptor) else { return fail(EBADF) }
    if missing.contains(.locks) { return fail(ENOLCK) }
    if operation & LOCK_UN != 0 {
      if file.node.lockHolder == file.id { file.node.lockHolder = nil }
      return 0
    }
    guard file.node.lockHolder == nil || file.node.lockHolder == file.id else { return fail(EWOULDBLOCK) }
    file.node.lockHolder = file.id
    return 0
  }

  package func sync(_ descriptor: Int32) -> Int32 {
    guard let file = file(descriptor) else { return fail(EBADF) }
    if let code = begin(), code != 0 { return fail(code) }
    if file.node.isFolder { nameLog = [] } else { file.node.sync() }
    return 0
  }

  package func syncAll() -> Int32 {
    if let code = begin(), code != 0 { return fail(code) }
    nameLog = []
    var nodes = [root]
    while let node = nodes.popLast() {
      if node.isFolder { nodes += node.names.values } else { node.sync() }
    }
    return 0
  }

  private func fill(_ status: UnsafeMutablePointer<stat>, _ node: MemoryNode) -> Int32 {
    var result = stat()
    result.st_ino = ino_t(node.number)
    result.st_mode = (node.isFolder ? S_IFDIR : S_IFREG) | node.mode
    result.st_nlink = numericCast(node.linkCount)
    result.st_uid = geteuid()
    result.st_size = off_t(node.bytes.count)
    result.st_mtim = node.modifiedAt
    result.st_ctim = node.changedAt
    status.pointee = result
    return 0
  }

  package func status(_ descriptor: Int32, _ status: UnsafeMutablePointer<stat>) -> Int32 {
    guard let file = file(descriptor) else { return fail(EBADF) }
    return fill(status, file.node)
  }

  package func status(_ start: Int32, _ name: String, _ status: UnsafeMutablePointer<stat>) -> Int32 {
    guard let node = find(start, name) else { return fail(dead == nil ? ENOENT : EIO) }
    return fill(status, node)
  }

  package func makeFolder(_ start: Int32, _ name: String, _ mode: mode_t) -> Int32 {
    guard let (folder, base) = place(start, name) else { return fail(dead == nil ? ENOENT : EIO) }
    guard folder.names[base] == nil else { return fail(EEXIST) }
    if let code = begin(), code != 0 { return fail(code) }
    if let fullCode { return fail(fullCode) }
    change([(folder, base, makeNode(isFolder: true, mode: mode & 0o755))])
    return 0
  }

  package func remove(_ start: Int32, _ name: String, _ flags: Int32) -> Int32 {
    guard let (folder, base) = place(start, name), let node = folder.names[base] else {
      return fail(dead == nil ? ENOENT : EIO)
    }
    if node.isFolder != (flags & AT_REMOVEDIR != 0) { return fail(node.isFolder ? EISDIR : ENOTDIR) }
    if node.isFolder, !node.names.isEmpty { return fail(ENOTEMPTY) }
    if let code = begin(), code != 0 { return fail(code) }
    change([(folder, base, nil)])
    return 0
  }

  package func rename(_ start: Int32, _ name: String, _ target: Int32, _ newName: String, replaces: Bool)
    -> Int32
  {
    guard let (from, old) = place(start, name), let (to, new) = place(target, newName),
      let node = from.names[old]
    else { return fail(dead == nil ? ENOENT : EIO) }
    if !replaces, missing.contains(.exclusiveRename) { return fail(EINVAL) }
    if !replaces, to.names[new] != nil { return fail(EEXIST) }
    if let code = begin(), code != 0 { return fail(code) }
    change([(to, new, node), (from, old, nil)])
    return 0
  }

  package func link(_ start: Int32, _ name: String, _ target: Int32, _ newName: String) -> Int32 {
    guard let node = find(start, name), let (to, new) = place(target, newName) else {
      return fail(dead == nil ? ENOENT : EIO)
    }
    if missing.contains(.links) { return fail(EPERM) }
    if to.names[new] != nil { return fail(EEXIST) }
    if let code = begin(), code != 0 { return fail(code) }
    change([(to, new, node)])
    return 0
  }

  package func names(in descriptor: Int32) -> [String] {
    listCount += 1
    return folder(descriptor)?.names.keys.sorted() ?? []
  }

  package var freeByteCount: UInt64 { isFull ? 0 : 1 << 40 }
  package var seconds: Int { now.tv_sec }
}
