import Ground
internal import NIOCore
internal import NIOPosix
internal import Network

/// A baseline sender: one datagram or connection per image, then an empty one, in any of the four modes.
/// Nobody answers, so the sender cannot know which images arrived.
package final class NaiveSender: Sendable {
  private let configuration: NaiveSendConfiguration
  private let cancellation = Cancellation()

  /// Checks the configuration; touches neither disk nor network.
  package init(_ configuration: NaiveSendConfiguration) throws(NaiveError) {
    try configuration.validate()
    self.configuration = configuration
  }

  /// Ends `run` early, from any thread. The end marker is still sent, so that the receivers end too.
  package func cancel() { cancellation.cancel() }

  /// Sends these files in the order of their names' bytes. Blocks the calling thread, so never call it on an
  /// event loop. `onEvent` runs on the calling thread.
  ///
  /// - Throws: `unsendable` before anything is sent when the protocol cannot carry an image (unless such
  ///   images are to be skipped), or the error of the disk or the network.
  package func run(
    _ files: [NaiveFile], onEvent: @escaping (NaiveSendEvent) -> Void = { _ in }
  ) throws(NaiveError) -> NaiveSendReport {
    let list = try SendList(
      files, mode: configuration.endpoint.mode, skipsUnsendable: configuration.skipsUnsendableImages)
    list.refused.forEach { onEvent(.refused($0)) }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    defer { try? group.syncShutdownGracefully() }
    do {
      let started = NIODeadline.now()
      var report = try send(list, on: group.next(), onEvent: onEvent)
      report.refusedImages = list.refused
      report.durationNanoseconds = UInt64(max(0, (NIODeadline.now() - started).nanoseconds))
      return report
    } catch { throw .from(error, action: "the naive sender failed") }
  }

  private func send(
    _ list: SendList, on loop: any EventLoop, onEvent: @escaping (NaiveSendEvent) -> Void
  ) throws -> NaiveSendReport {
    if configuration.endpoint.mode == .tcp {
      return try NaiveStreamSender(configuration, on: loop, cancellation: cancellation, onEvent: onEvent)
        .send(
          list)
    }
    var sender = try DatagramSender(configuration, on: loop, cancellation: cancellation, onEvent: onEvent)
    defer { sender.close() }
    return try sender.send(list)
  }
}
