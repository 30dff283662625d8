import Accounting
import FileSet
import Synchronization
import Wire

/// How far each receiver is, as it told; written by the connections' event loops, read by the progress timer.
final class StreamBoard: Sendable {
  struct Place: Sendable {
    var welcome: StreamWelcome?
    var report = StreamReport(fileByteCount: 0, verifiedFileCount: 0)
    /// Bytes that the receiver had before; nil before it has said so.
    var leftOutByteCount: UInt64?
    /// Monotonic; nil before the welcome, and while it goes on.
    var beganAtNanoseconds: UInt64?
    var endedAtNanoseconds: UInt64?
    /// Of a connection that came to its end frame.
    var account: Account?
    /// The first file that changed or could not be read.
    var fileFailure: FileSetError?
  }

  private let places: Mutex<[Place]>
  private let onBegin = Mutex<(@Sendable (_ position: Int, _ welcome: StreamWelcome) -> Void)?>(nil)
  private let onStorage = Mutex<(@Sendable (_ position: Int, _ missingKibibytes: UInt32) -> Void)?>(nil)

  init(count: Int) { places = Mutex([Place](repeating: Place(), count: count)) }

  /// Has `onBegin` told of each receiver that joins, and `onStorage` of each whose disk is full, or has room
  /// again.
  func listen(
    _ onBegin: @escaping @Sendable (_ position: Int, _ welcome: StreamWelcome) -> Void,
    onStorage: @escaping @Sendable (_ position: Int, _ missingKibibytes: UInt32) -> Void
  ) {
    self.onBegin.withLock { $0 = onBegin }
    self.onStorage.withLock { $0 = onStorage }
  }

  func place(_ position: Int) -> Place { places.withLock { $0[position] } }

  func begin(_ position: Int, _ welcome: StreamWelcome, at now: UInt64) {
    places.withLock {
      $0[position].welcome = welcome
      $0[position].beganAtNanoseconds = now
    }
    onBegin.withLock { $0 }?(position, welcome)
  }

  /// Takes a receiver's report.
  func update(_ position: Int, _ report: StreamReport) {
    let wasFull = places.withLock { places in
      defer { places[position].report = report }
      return places[position].report.missingKibibytes > 0
    }
    guard wasFull != (report.missingKibibytes > 0) else { return }
    onStorage.withLock { $0 }?(position, report.missingKibibytes)
  }

  /// The receiver has said what it lacks.
  func note(_ position: Int, leftOutByteCount: UInt64) {
    places.withLock { $0[position].leftOutByteCount = leftOutByteCount }
  }

  func note(_ position: Int, _ failure: FileSetError) {
    places.withLock { $0[position].fileFailure = failure }
  }

  func account(_ position: Int, _ account: Account) {
    places.withLock { $0[position].account = account }
  }

  func end(_ position: Int, at now: UInt64) {
    places.withLock { $0[position].endedAtNanoseconds = now }
  }

  /// Receivers under way whose disk is full.
  var fullDiskCount: Int {
    places.withLock { $0.count { $0.report.missingKibibytes > 0 && $0.endedAtNanoseconds == nil } }
  }

  /// What the receiver that is the furthest behind has, of those that are at it; nil when none is.
  var slowestByteCount: UInt64? {
    places.withLock { places in
      places.lazy.filter { $0.leftOutByteCount != nil && $0.endedAtNanoseconds == nil }
        .map(\.report.fileByteCount).min()
    }
  }
}
