import Dispatch
import Glibc
import Synchronization

/// What the program prints. A write may fail (a closed descriptor, a full disk, a pipe without a reader, a
/// terminal that is gone) or wait for long (a terminal that is paused). Neither ends or delays a transfer.
enum StandardStreams {
  /// Messages that may wait for a slow reader; the ones that follow are dropped.
  private static let waitingLimit = 10_000
  /// How long the program's end waits for a reader that stands still.
  private static let drainSeconds = 2.0

  private struct State {
    var waitingCount = 0
    var productFailure: Int32?
  }
  private static let state = Mutex(State())
  private static let queue = DispatchQueue(label: "gallery.messages")
  private static let group = DispatchGroup()
  private static let events = DispatchQueue(label: "gallery.events")

  /// Before anything else opens a file: a socket must not become descriptor 0, 1 or 2, where messages would
  /// go into it.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", O_RDWR)  // takes the lowest number that is free, which is this one
    }
    atexit { StandardStreams.drain() }
  }

  /// To standard error, in order, from a thread of its own. A message of progress is left out when others
  /// wait already.
  static func message(_ text: String, isProgress: Bool = false) {
    let isWanted = state.withLock { state in
      guard state.waitingCount < (isProgress ? 1 : waitingLimit) else { return false }
      state.waitingCount += 1
      return true
    }
    guard isWanted else { return }
    queue.async(group: group) {
      _ = write(text, to: STDERR_FILENO)
      state.withLock { $0.waitingCount -= 1 }
    }
  }

  /// To standard output, in order, from a thread of its own: a line of `--json-lines`. A slow reader does not
  /// delay the caller. Unlike a message, no event is left out, because a script counts them; there are about
  /// as many as files.
  static func event(_ line: String) {
    events.async(group: group) {
      if let code = write(line, to: STDOUT_FILENO), code != EPIPE { note(code) }
    }
  }

  /// To standard output: what a command was run for. Comes behind the messages before it, also where both go
  /// into one file.
  static func product(_ text: String) {
    drain()
    // Nobody reads on: no failure, as for `| head -1`.
    guard let code = write(text, to: STDOUT_FILENO), code != EPIPE else { return }
    note(code)
  }

  private static func note(_ code: Int32) { state.withLock { $0.productFailure = code } }

  /// Waits until the events are written, for as long as their reader takes. They are what the command was run
  /// for, like a product.
  static func finishEvents() { events.sync {} }

  /// The error number of a product that could not be written.
  static var productFailure: Int32? { state.withLock { $0.productFailure } }

  /// Waits until the messages are written, but not for ever.
  static func drain() { _ = group.wait(timeout: .now() + drainSeconds) }

  /// All of the text, or the error number of the write that failed.
  private static func write(_ text: String, to descriptor: Int32) -> Int32? {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count >= 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        } else if errno == EAGAIN {
          // Another program has made the open file non-blocking, for all who share it.
          var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = poll(&ready, 1, -1)
        } else if errno != EINTR {
          return errno
        }
      }
      return nil
    }
  }
}

/// In the place of Swift's own: a line to standard output that may fail to be written.
func print(_ line: String) { StandardStreams.product(line + "\n") }
