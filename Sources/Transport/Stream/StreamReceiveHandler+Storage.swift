import Accounting
import NIOCore
import Wire

/// What a receiver's connection has said of its disk.
struct StreamStorageWatch {
  /// The disk is full, and nothing is read from the socket.
  var isWaiting = false
  var ticksSinceLook = 0
}

/// A full disk, Specs/chunked-tcp.md §5.4: the session waits, and goes on by itself when space is freed. And
/// what the bytes of a connection were.
extension StreamReceiveHandler {
  /// Ticks between two looks whether a full disk has room again: about a second.
  private static let lookTicks = 10

  var isFull: Bool { if case .receiving(let inbox) = phase { inbox.isFull } else { false } }

  /// Tells both sides when the disk has become full, and reads nothing more.
  func noteStorage() {
    guard case .receiving(let inbox) = phase, inbox.isFull, !storage.isWaiting else { return }
    storage = StreamStorageWatch(isWaiting: true)
    read(false)
    reception.tellStorage(inbox)
    tellSender(inbox, isUrgent: true)
  }

  /// Goes on when a full disk has room again.
  func lookForRoom(_ inbox: StreamInbox) {
    guard storage.isWaiting else { return }
    movedAt = .now()
    storage.ticksSinceLook += 1
    guard storage.ticksSinceLook >= Self.lookTicks else { return }
    storage.ticksSinceLook = 0
    let complete: StreamComplete?
    do throws(TransportError) { complete = try inbox.tryStorage() } catch { return finish(.failure(error)) }
    guard !inbox.isFull else { return }
    storage.isWaiting = false
    reception.tellStorage(inbox)
    tellSender(inbox, isUrgent: true)
    if let complete { return finish(.success(complete)) }
    if !inbox.isAnswered { compare(inbox) }
    if !inbox.isFull, let bytes = held {
      held = nil
      take(bytes)
    }
    if !storage.isWaiting, !isFinished { read(true) }
  }

  private func read(_ isOn: Bool) {
    guard let channel = context?.channel else { return }
    channel.setOption(.autoRead, value: isOn).whenComplete { _ in if isOn { channel.read() } }
  }

  /// What the bytes were, at the end frame: those out of the socket against the frames' own lengths.
  func account(of inbox: StreamInbox) -> Account {
    func frames(_ name: String, _ type: StreamFrameType) -> Equation.Term {
      Equation.Term(name, parser.announcedByteCount(of: type))
    }
    return Account([
      Equation(
        "bytes", [Equation.Term("received", arrivedByteCount)],
        [
          frames("hello", .hello), frames("manifest", .manifest), frames("data", .data),
          frames("digests", .digest), frames("reading", .reading), frames("end", .end),
          Equation.Term("behind the end", UInt64(unparsedByteCount)),
        ]),
      Equation(
        "bytes", [Equation.Term("of files", inbox.hello.fileByteCount)],
        [
          Equation.Term("stored", inbox.receivedByteCount),
          Equation.Term("here before", inbox.hereByteCount - inbox.receivedByteCount),
        ], isDetail: true),
    ])
  }
}
