internal import Glibc
package import NIOCore

/// A socket whose options can be set: a channel of SwiftNIO, or a descriptor of our own.
package protocol SocketOptionTarget {
  /// `setsockopt`. Throws `IOError`.
  func set<Value: Sendable & BitwiseCopyable>(level: Int32, name: Int32, _ value: Value) throws
}

/// The socket of a channel.
package struct ChannelSocket: SocketOptionTarget {
  private let channel: any Channel

  package init(_ channel: any Channel) { self.channel = channel }

  package func set<Value: Sendable & BitwiseCopyable>(level: Int32, name: Int32, _ value: Value) throws {
    guard let options = channel as? any SocketOptionProvider else { return }
    try options.unsafeSetSocketOption(
      level: SocketOptionLevel(level), name: SocketOptionName(name), value: value
    ).wait()
  }
}

/// A socket by its descriptor, which stays the caller's.
package struct DescriptorSocket: SocketOptionTarget {
  private let descriptor: Int32

  package init(_ descriptor: Int32) { self.descriptor = descriptor }

  package func set<Value: Sendable & BitwiseCopyable>(level: Int32, name: Int32, _ value: Value) throws {
    let status = withUnsafeBytes(of: value) {
      setsockopt(descriptor, level, name, $0.baseAddress, socklen_t($0.count))
    }
    if status != 0 { throw IOError(errnoCode: errno, reason: "setsockopt") }
  }
}
