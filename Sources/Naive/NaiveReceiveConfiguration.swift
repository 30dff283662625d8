import Ground

/// All settings of a naive receiver. `NaiveReceiver.init` checks them once.
package struct NaiveReceiveConfiguration: Sendable {
  package var endpoint: NaiveEndpoint
  package var inbox: Inbox
  package var limits: Limits
  /// UDP: the `SO_RCVBUF` to ask for, in bytes. `net.core.rmem_max` limits it.
  package var receiveBufferByteCount: Int
  /// Induced loss; only for datagrams, decided as they arrive.
  package var drop: NaiveDropDecision?

  /// Where images go.
  package struct Inbox: Equatable, Sendable {
    /// The directory, which is created when it does not exist. With nil, images are counted and not stored.
    package var directory: String?
    /// Whether an existing image of the same name may be replaced.
    package var isOverwriting = false
    /// The number in the first image's name, at least 0. A later session of one program continues the numbers
    /// of the session before.
    package var firstNumber = 0
    package init(directory: String?) { self.directory = directory }
  }

  /// Everything has a limit.
  package struct Limits: Equatable, Sendable {
    /// The largest image taken over TCP, in bytes.
    package var imageByteCount: UInt64 = 512 << 20
    /// The receiver ends after this many images, in [1, 1,000,000].
    package var imageCount = 100_000
    /// The receiver ends when no image arrives within this time after its start. Nil: it waits for ever, as
    /// the course's does.
    package var waitNanoseconds: UInt64?
    /// The receiver ends when no further image arrives within this time, after the first image. Nil: it waits
    /// for ever.
    package var idleTimeoutNanoseconds: UInt64?
    /// TCP: a connection that brings fewer than 4,096 bytes within this time is closed, and its image is
    /// discarded. 0: it waits for ever.
    package var silentPeerTimeoutNanoseconds: UInt64 = 30_000_000_000
    package init() {}
  }

  package init(endpoint: NaiveEndpoint, into directory: String?) {
    self.endpoint = endpoint
    inbox = Inbox(directory: directory)
    limits = Limits()
    receiveBufferByteCount = 4 << 20
    drop = nil
  }

  func validate() throws(NaiveError) {
    try endpoint.validate(lowestPort: 0)
    guard drop == nil || endpoint.mode.usesDatagrams else {
      throw .invalidConfiguration("induced loss is for datagrams: below TCP we cannot reach the packets")
    }
    guard (1...1_000_000).contains(limits.imageCount) else {
      throw .invalidConfiguration("image limit \(limits.imageCount) is outside 1…1000000")
    }
    guard limits.imageByteCount > 0 else { throw .invalidConfiguration("the image size limit is 0 bytes") }
    guard (1...Int(Int32.max)).contains(receiveBufferByteCount) else {
      throw .invalidConfiguration(
        "receive buffer of \(receiveBufferByteCount) bytes is outside 1…\(Int32.max)")
    }
    try requireDuration(limits.silentPeerTimeoutNanoseconds, named: "silent-peer timeout")
    try requireDuration(limits.waitNanoseconds ?? 0, named: "wait")
    try requireDuration(limits.idleTimeoutNanoseconds ?? 0, named: "idle timeout")
    guard inbox.firstNumber >= 0 else {
      throw .invalidConfiguration("the first image's number is below 0")
    }
    guard limits.idleTimeoutNanoseconds != 0 else { throw .invalidConfiguration("the idle timeout is 0 s") }
  }
}
