import Glibc
import NIOCore
import Synchronization

/// Wakes a loop from another thread, once.
package final class Bell: Sendable {
  /// Readable once it has rung.
  package let descriptor: Int32
  private let writing: Int32
  private let rang = Atomic(false)

  /// Throws `IOError`.
  package init() throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw IOError(errnoCode: errno, reason: "pipe") }
    descriptor = ends[0]
    writing = ends[1]
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  }

  deinit {
    _ = close(descriptor)
    _ = close(writing)
  }

  package var hasRung: Bool { rang.load(ordering: .acquiring) }

  package func ring() {
    guard !rang.exchange(true, ordering: .acquiringAndReleasing) else { return }
    var byte: UInt8 = 1
    _ = write(writing, &byte, 1)
  }
}
