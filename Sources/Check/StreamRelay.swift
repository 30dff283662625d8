import Checksum
import Dispatch
import Glibc
import Ground
import Synchronization

/// A relay of TCP connections on 127.0.0.1, one after the other, on a thread of its own. It remembers what
/// the sender sent, and changes it as the case says.
final class StreamRelay: CaseRelay {
  private let state: RelayedStreams
  private let ended = DispatchSemaphore(value: 0)
  let port: Int

  /// Connects to `targetPort` for each connection. `identity`: of the manifest that a rule gives another
  /// name. Throws `CheckError`.
  init(
    to targetPort: Int, _ script: CheckScript, _ one: CheckCase, identity: SetIdentity?
  ) throws(CheckError) {
    let listener = RelayStream.listen()
    guard let listener, let port = RelayStream.port(of: listener) else { throw .noPort(errno: errno) }
    self.port = port
    let state = RelayedStreams(script, targetPort: targetPort, one, identity: identity)
    let ended = ended
    self.state = state
    DispatchQueue(label: "gallery.check.relay").async {
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
  /// After how many of these waits a connection that was cut is closed.
  private static let quietCount = 50
  /// For how many milliseconds a piece waits to be read.
  private static let patience = 10_000

  private let script: CheckScript
  private let targetPort: Int
  private let one: CheckCase
  private let identity: SetIdentity?
  private let isEnding = Atomic<Bool>(false)

  init(_ script: CheckScript, targetPort: Int, _ one: CheckCase, identity: SetIdentity?) {
    self.script = script
    self.targetPort = targetPort
    self.one = one
    self.identity = identity
  }

  func end() { isEnding.store(true, ordering: .relaxed) }

  private var mustEnd: Bool { isEnding.load(ordering: .relaxed) }

  func run(_ listener: Int32) {
    var number = 0
    while !mustEnd {
      guard isReady(listener, POLLIN) else { continue }
      let client = accept(listener, nil, nil)
      guard client >= 0 else { continue }
      let change = one.streamRules.first { $0.which == .connection(number) }?.change
      number += 1
      if change == .preceded(.emptyConnection) {
        if let stranger = RelayStream.connect(targetPort) { close(stranger) }
        script.note(connection: nil, delivered: [])
      }
      if let target = RelayStream.connect(targetPort) {
        relay(client, target, change)
      } else {
        script.note(connection: [], delivered: nil)
        close(client)
      }
    }
  }

  /// Hands on both directions until both have ended, and closes them. `change`: of the connection as a whole.
  private func relay(_ client: Int32, _ target: Int32, _ change: StreamRule.Change?) {
    var there = StreamTamper(one.side == .receiver || cutsSender ? one.streamRules : [], identity: identity)
    var back = StreamTamper(one.side == .sender && !cutsSender ? one.streamRules : [], identity: identity)
    var sent: [UInt8] = []
    var answerByteCount = 0
    var (isClientOpen, isTargetOpen) = (true, true)
    var isCutByReset: Bool?
    while isClientOpen || isTargetOpen, isCutByReset == nil, !mustEnd {
      var ends = [
        pollfd(fd: isClientOpen ? client : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isTargetOpen ? target : -1, events: Int16(POLLIN), revents: 0),
      ]
      poll(&ends, 2, Self.waitMilliseconds)
      if ends[0].revents != 0 {
        let bytes = read(client)
        sent += bytes
        if case .cut(let isReset)? = change {
          // All of an image, and then half of it.
          guard bytes.isEmpty else { continue }
          _ = handOn(Array(sent.prefix(sent.count / 2)), target, inPieces: false)
          isCutByReset = isReset
          continue
        }
        let output = bytes.isEmpty ? StreamTamper.Output(bytes: there.rest()) : there.take(bytes)
        isClientOpen = handOn(output.bytes, target, inPieces: one.side == .receiver) && !bytes.isEmpty
        isCutByReset = output.isCutByReset
        if !isClientOpen { shutdown(target, Int32(SHUT_WR)) }
      }
      if isCutByReset == nil, ends[1].revents != 0 {
        let bytes = read(target)
        answerByteCount += bytes.count
        let output = bytes.isEmpty ? StreamTamper.Output(bytes: back.rest()) : back.take(bytes)
        isTargetOpen = handOn(output.bytes, client, inPieces: one.side == .sender) && !bytes.isEmpty
        isCutByReset = output.isCutByReset
        if !isTargetOpen { shutdown(client, Int32(SHUT_WR)) }
      }
    }
    end(client, target, isCutByReset)
    let isWhole = isCutByReset == nil
    script.note(
      connection: sent,
      delivered: isWhole ? nil : isCutByReset == true ? [] : [Array(sent.prefix(sent.count / 2))],
      answerByteCount: answerByteCount)
  }

  /// The rules of a program that sends are of what it hears, but for a cut in its own frames.
  private var cutsSender: Bool {
    one.streamRules.contains { if case .data = $0.which { true } else { false } }
  }

  /// Closes both ends; with a reset when the bytes in front of it were read.
  private func end(_ client: Int32, _ target: Int32, _ isCutByReset: Bool?) {
    if isCutByReset == true {
      waitUntilRead(target)
      RelayStream.resetsWhenClosed(target)
      // A naive sender goes on with the next image.
      if one.protocolName == .chunked { RelayStream.resetsWhenClosed(client) }
    } else if isCutByReset == false {
      shutdown(target, Int32(SHUT_WR))
      shutdown(client, Int32(SHUT_WR))
      // A socket that is closed with unread bytes sends a reset, which may overtake what was sent before.
      discard(client)
      discard(target)
    }
    close(target)
    close(client)
  }

  /// Reads until the other side ends the connection, or says nothing for a while.
  private func discard(_ descriptor: Int32) {
    var waitCount = 0
    while waitCount < Self.quietCount, !mustEnd {
      guard isReady(descriptor, POLLIN) else {
        waitCount += 1
        continue
      }
      if read(descriptor).isEmpty { return }
    }
  }

  /// None at the end of the stream.
  private func read(_ descriptor: Int32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.bufferByteCount)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return Array(bytes.prefix(max(0, count)))
  }

  /// `inPieces`: in the pieces of the case, each when the one before was read.
  private func handOn(_ bytes: [UInt8], _ target: Int32, inPieces: Bool) -> Bool {
    guard inPieces, let pieceByteCount = one.pieceByteCount else { return write(bytes[...], target) }
    for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
      guard write(bytes[start..<min(bytes.count, start + pieceByteCount)], target) else { return false }
      waitUntilRead(target)
    }
    return true
  }

  private func waitUntilRead(_ target: Int32) {
    var waitCount = 0
    while waitCount < Self.patience, !mustEnd, RelayStream.hasUnread(target) {
      waitCount += 1
      usleep(1_000)
    }
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
