import Foundation
import Synchronization

/// A relay of TCP connections on 127.0.0.1, one after the other, on a thread of its own. It remembers what
/// the sender sent.
final class StreamRelay: CaseRelay {
  private let state: RelayedStreams
  private let ended = DispatchSemaphore(value: 0)
  let port: Int

  /// Connects to `targetPort` for each connection. `pieceByteCount`: what the sender sends is handed on in
  /// pieces of this length, each when the one before was read; nil: as it comes. Throws `CheckError`.
  init(to targetPort: Int, _ script: CheckScript, pieceByteCount: Int?) throws(CheckError) {
    let listener = RelayStream.listen()
    guard let listener, let port = RelayStream.port(of: listener) else { throw .noPort(errno: errno) }
    self.port = port
    let state = RelayedStreams(script, targetPort: targetPort, pieceByteCount: pieceByteCount)
    let ended = ended
    self.state = state
    Thread.detachNewThread {
      state.run(listener)
      close(listener)
      ended.signal()
    }
  }

  func end() {
    state.end()
    ended.wait()
    ended.signal()
  }
}

/// The thread of a `StreamRelay`.
private final class RelayedStreams: Sendable {
  private static let bufferByteCount = 64 << 10
  /// How often a thread that waits for others looks whether it is to end.
  private static let waitMilliseconds: Int32 = 20
  /// For how many milliseconds a piece waits to be read.
  private static let patience = 10_000

  private let script: CheckScript
  private let targetPort: Int
  private let pieceByteCount: Int?
  private let isEnding = Atomic<Bool>(false)

  init(_ script: CheckScript, targetPort: Int, pieceByteCount: Int?) {
    self.script = script
    self.targetPort = targetPort
    self.pieceByteCount = pieceByteCount
  }

  func end() { isEnding.store(true, ordering: .relaxed) }

  private var mustEnd: Bool { isEnding.load(ordering: .relaxed) }

  func run(_ listener: Int32) {
    while !mustEnd {
      guard isReady(listener, POLLIN) else { continue }
      let client = accept(listener, nil, nil)
      guard client >= 0 else { continue }
      if let target = RelayStream.connect(targetPort) {
        relay(client, target)
        close(target)
      } else {
        script.note(connection: [], answerByteCount: 0)
      }
      close(client)
    }
  }

  /// Hands on both directions until both have ended.
  private func relay(_ client: Int32, _ target: Int32) {
    var sent: [UInt8] = []
    var answerByteCount = 0
    var (isClientOpen, isTargetOpen) = (true, true)
    while isClientOpen || isTargetOpen, !mustEnd {
      var ends = [
        pollfd(fd: isClientOpen ? client : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isTargetOpen ? target : -1, events: Int16(POLLIN), revents: 0),
      ]
      poll(&ends, 2, Self.waitMilliseconds)
      if ends[0].revents != 0 {
        let bytes = read(client)
        sent += bytes
        isClientOpen = !bytes.isEmpty && handOn(bytes, target)
        if !isClientOpen { shutdown(target, Int32(SHUT_WR)) }
      }
      if ends[1].revents != 0 {
        let bytes = read(target)
        answerByteCount += bytes.count
        isTargetOpen = !bytes.isEmpty && write(bytes[...], client)
        if !isTargetOpen { shutdown(client, Int32(SHUT_WR)) }
      }
    }
    script.note(connection: sent, answerByteCount: answerByteCount)
  }

  /// None at the end of the stream.
  private func read(_ descriptor: Int32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.bufferByteCount)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return Array(bytes.prefix(max(0, count)))
  }

  private func handOn(_ bytes: [UInt8], _ target: Int32) -> Bool {
    guard let pieceByteCount else { return write(bytes[...], target) }
    for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
      guard write(bytes[start..<min(bytes.count, start + pieceByteCount)], target) else { return false }
      var waitCount = 0
      while waitCount < Self.patience, !mustEnd, RelayStream.hasUnread(target) {
        waitCount += 1
        usleep(1_000)
      }
    }
    return true
  }

  /// False when the other side takes no more.
  private func write(_ bytes: ArraySlice<UInt8>, _ descriptor: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty, !mustEnd {
      guard isReady(descriptor, POLLOUT) else { continue }
      let count = rest.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
      if count < 0, errno != EAGAIN, errno != EINTR { return false }
      rest = rest.dropFirst(max(0, count))
    }
    return rest.isEmpty
  }

  private func isReady(_ descriptor: Int32, _ event: Int32) -> Bool {
    var one = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    return poll(&one, 1, Self.waitMilliseconds) > 0
  }
}
