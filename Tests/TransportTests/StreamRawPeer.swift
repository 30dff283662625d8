import Glibc
import Wire

/// A plain, blocking socket: the other side by hand.
final class StreamRawPeer: Sendable {
  private let descriptor: Int32

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var limit = timeval(tv_sec: 10, tv_usec: 0)
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

/// `struct sockaddr_in` by its bytes: beside SwiftNIO its members belong to a module that is not ours to import.
enum LoopbackName {
  private static let byteCount = 16

  /// Calls `body` with 127.0.0.1 and a port, as bind(2) and connect(2) want it.
  static func with(port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { name in
      name.initializeMemory(as: UInt8.self, repeating: 0)
      name.storeBytes(of: sa_family_t(AF_INET), as: sa_family_t.self)
      name.storeBytes(of: UInt16(port).bigEndian, toByteOffset: 2, as: UInt16.self)
      name.storeBytes(of: UInt32(0x7F00_0001).bigEndian, toByteOffset: 4, as: UInt32.self)
      guard let base = name.baseAddress else { return -1 }
      return body(UnsafePointer(base.assumingMemoryBound(to: sockaddr.self)), socklen_t(byteCount))
    }
  }

  /// The port that a socket is bound to.
  static func port(of descriptor: Int32) -> Int? {
    withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { name in
      var length = socklen_t(byteCount)
      guard let base = name.baseAddress,
        getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length) == 0
      else { return nil }
      return Int(UInt16(bigEndian: name.load(fromByteOffset: 2, as: UInt16.self)))
    }
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
