import Glibc
import Synchronization

/// Tells when files appear in folders, change or go away (inotify). A file counts when it is closed after it
/// was written, or renamed into its place, because before that it is not whole.
///
/// One thread waits; any thread may stop it.
package final class FolderWatch: Sendable {
  /// Changes come in bursts: after the first, the watch waits until there is none for this long, but not
  /// longer than the limit.
  private static let quietMilliseconds: Int32 = 60
  private static let burstLimit = 10

  private let changes: Int32
  /// A pipe: a byte in it ends the wait.
  private let stopReader: Int32
  private let stopWriter: Int32
  /// The folders that are watched, so that each is added once.
  private let watched = Mutex<Set<String>>([])

  /// Watches nothing yet. Nil where the kernel has no room for another watcher.
  package init?() {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (stopReader, stopWriter) = (ends[0], ends[1])
    changes = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    if changes < 0 { return nil }  // and the deinitializer closes the pipe
  }

  deinit {
    for descriptor in [changes, stopReader, stopWriter] where descriptor >= 0 { close(descriptor) }
  }

  /// Watches these folders too. Those that cannot be watched are left out.
  package func add(_ folders: some Sequence<String>) {
    let events =
      IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ONLYDIR
    watched.withLock { watched in
      for folder in folders where !watched.contains(folder) {
        if inotify_add_watch(changes, folder, UInt32(events)) >= 0 { watched.insert(folder) }
      }
    }
  }

  /// Waits until something has changed and a moment passed without another change. False after `stop`.
  package func wait() -> Bool {
    var remaining = Self.burstLimit
    var milliseconds: Int32 = -1
    while true {
      var descriptors = [
        pollfd(fd: changes, events: Int16(POLLIN), revents: 0),
        pollfd(fd: stopReader, events: Int16(POLLIN), revents: 0),
      ]
      let count = poll(&descriptors, 2, milliseconds)
      if count < 0, errno != EINTR { return false }
      if descriptors[1].revents != 0 { return false }
      if count > 0, descriptors[0].revents != 0 {
        guard drain() || milliseconds >= 0 else { continue }
        milliseconds = Self.quietMilliseconds
        remaining -= 1
      }
      if milliseconds >= 0, count == 0 || remaining == 0 { return true }
    }
  }

  /// Ends the wait, now and later.
  package func stop() {
    var byte: UInt8 = 0
    _ = write(stopWriter, &byte, 1)
  }

  /// Reads the events that are there. Returns whether one of them matters: a file that was only created is
  /// still being written.
  private func drain() -> Bool {
    var matters = false
    withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 8) { buffer in
      while true {
        let byteCount = read(changes, buffer.baseAddress, buffer.count)
        guard byteCount > 0 else { return }
        matters = Self.matters(UnsafeRawBufferPointer(rebasing: buffer[..<byteCount])) || matters
      }
    }
    return matters
  }

  /// Events are a header of 16 bytes (watch, mask, cookie, length of the name) and a name.
  private static func matters(_ events: UnsafeRawBufferPointer) -> Bool {
    var offset = 0
    while offset + 16 <= events.count {
      let mask = events.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
      let nameByteCount = events.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self)
      let isCreation = mask & UInt32(IN_CREATE) != 0
      if !isCreation || mask & UInt32(IN_ISDIR) != 0 { return true }
      offset += 16 + Int(nameByteCount)
    }
    return false
  }
}
