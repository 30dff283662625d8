import Glibc
import TestSupport
import Wire

/// A plain, blocking socket: the other side by hand.
final class StreamRawPeer: Sendable {
  private let descriptor: Int32

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var limit = timeval(tv_sec: 120, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { Glibc.close(descriptor) }

  /// Connects to a port of 127.0.0.1.
  static func connect(port: Int) -> StreamRawPeer? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0, LoopbackName.with(port: port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
      return nil
    }
    return StreamRawPeer(descriptor)
  }

  /// What was sent; false when the other side would have no more.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(
          descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// The next frames, up to the first that `isLast`, or to the end of the connection.
  func events(until isLast: (StreamEvent) -> Bool = { _ in false }) -> [StreamEvent] {
    var parser = StreamFrameParser()
    var found: [StreamEvent] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return found }
      let piece = Array(buffer[..<count])
      var position = 0
      while let event = try? parser.next(in: piece.span, from: &position) {
        found.append(event)
        if isLast(event) { return found }
      }
    }
  }

  /// Whatever comes until the end.
  func drain() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while recv(descriptor, &buffer, buffer.count, 0) > 0 {}
  }
}

/// A listening socket by hand.
final class StreamRawListener: Sendable {
  private let descriptor: Int32
  let port: Int

  init?() {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0, LoopbackName.with(port: 0, { bind(descriptor, $0, $1) }) == 0,
      listen(descriptor, 8) == 0
    else { return nil }
    guard let port = LoopbackName.port(of: descriptor) else { return nil }
    self.descriptor = descriptor
    self.port = port
  }

  deinit { Glibc.close(descriptor) }

  func accept() -> StreamRawPeer? {
    let connection = Glibc.accept(descriptor, nil, nil)
    return connection < 0 ? nil : StreamRawPeer(connection)
  }
}
