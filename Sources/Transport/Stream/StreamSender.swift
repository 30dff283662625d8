import Dispatch
package import FileSet
package import Ground
import Keys
package import NIOCore
import Network
import Synchronization
import Wire

/// Sends a set to one or several receivers over TCP, one connection each. Specs/chunked-tcp.md.
///
/// `run` blocks: call it from a plain thread, once, never from an event loop. The receivers do not wait for
/// each other.
package final class StreamSender: Transfer {
  private let set: ScannedSet
  private let destinations: [StreamDestination]
  private let options: StreamSendOptions
  private let group: any EventLoopGroup
  private let sessionID = UInt64.random(in: 1 ... .max)
  private let board: StreamBoard
  private let cancellations: [Cancellation]

  package init(
    _ set: ScannedSet, to destinations: [StreamDestination], options: StreamSendOptions = StreamSendOptions(),
    group: any EventLoopGroup
  ) {
    self.set = set
    self.destinations = destinations
    self.options = options
    self.group = group
    board = StreamBoard(count: destinations.count)
    cancellations = destinations.map { _ in Cancellation() }
  }

  /// Sends, and returns when every receiver has answered or is given up. Progress is, of several receivers,
  /// that of the slowest.
  ///
  /// Throws when no session began with any of them: the first one's error (`nobodyListening`, `hostUnknown`,
  /// `peerRefused`, `versionMismatch`, `fileSet`, `cancelled` …). What happens later is in the report.
  package func run(
    _ tell: @escaping @Sendable (TransferEvent) -> Void
  ) throws(TransportError) -> StreamSendReport {
    let keys: SaltedKeys?
    do { keys = try options.secret.map { (secret) throws(KeyError) in try SaltedKeys(secret) } } catch {
      throw .key(error)
    }
    board.listen { [destinations] position, welcome in
      tell(
        .joined(
          ReceiverJoin(
            name: welcome.hostName, address: destinations[position].host,
            receiverID: welcome.receiverID.hexadecimal)))
    } onStorage: { [self] position, missingKibibytes in
      tellStorage(position, missingKibibytes: missingKibibytes, tell)
    }
    let beganAt = monotonicNanoseconds()
    let loop = group.next()
    let sessions = destinations.indices.map { session(at: $0, keys) }
    let progress = scheduleProgress(on: loop, tell)
    let all = EventLoopFuture.whenAllComplete(sessions, on: loop)
    let answers: [Result<StreamComplete, any Error>]
    do {
      answers = try all.wait()
    } catch {
      throw TransportError(broken: error, peer: "the event loop")
    }
    progress.cancel()
    let seconds = Double(monotonicNanoseconds() - beganAt) / 1e9
    let results = destinations.indices.map { result(at: $0, answers[$0]) }
    if results.allSatisfy({ $0.receiverID == nil }), let first = answers.first,
      case .failure(let error) = first
    {
      throw TransportError(broken: error, peer: destinations[0].text)
    }
    let total = set.manifest.fileByteCount
    if results.contains(where: { $0.outcome == .whole }) {
      tell(
        .progress(
          TransferProgress(
            fileBytesDone: total, fileBytesTotal: total,
            bytesPerSecond: results.map(\.bytesPerSecond).max() ?? 0, secondsLeft: 0)))
    }
    return StreamSendReport(
      sessionID: sessionID.hexadecimal, fileCount: set.manifest.entries.count, fileByteCount: total,
      seconds: seconds, receivers: results)
  }

  /// Ends all sessions and tells the receivers; from any thread, at any time. `run` returns soon after.
  package func cancel() { cancellations.forEach { $0.cancel() } }

  /// One receiver's session, from connecting to the closing of the connection.
  private func session(at position: Int, _ keys: SaltedKeys?) -> EventLoopFuture<StreamComplete> {
    let destination = destinations[position]
    let loop = group.next()
    let interface: NetworkInterface?
    do {
      interface = try options.interface.map { try NetworkInterface.named($0) }
    } catch { return loop.makeFailedFuture((error as? NetworkError).map(TransportError.network) ?? error) }
    let answer = loop.makePromise(of: StreamComplete.self)
    let connector = StreamConnector(
      destination: destination, loop: loop, seconds: options.connectSeconds, interface: interface,
      isCancelled: { self.cancellations[position].isCancelled },
      makeHandlers: {
        let handler = try self.makeHandler(position, answer: answer, loop: loop)
        guard let keys else { return [handler] }
        return [StreamSealHandler(.sender(keys), peer: "receiver \(destination.text)"), handler]
      })
    return resolve(destination, on: loop).flatMap { connector.connect() }.flatMap { channel in
      channel.closeFuture.flatMap { answer.futureResult }
    }.flatMapErrorThrowing { error in
      answer.fail(error)  // without a connection nobody else keeps it
      throw error
    }
  }

  /// Looks the name up, on a thread of its own: a name server that does not answer holds up nobody else.
  private func resolve(_ destination: StreamDestination, on loop: any EventLoop) -> EventLoopFuture<Void> {
    let done = loop.makePromise(of: Void.self)
    DispatchQueue(label: "gallery.resolve").async {
      do throws(NetworkError) {
        let addresses = try HostResolver.addresses(host: destination.host, port: destination.port)
        if let first = addresses.first, AddressKind(first) != .oneHost {
          return done.fail(TransportError.wrongKind(address: first.text, isGroup: true, mode: "tcp"))
        }
        done.succeed(())
      } catch {
        if case .hostUnknown(let host, let reason) = error {
          done.fail(TransportError.hostUnknown(host: host, reason: reason))
        } else {
          done.fail(TransportError.hostUnknown(host: destination.host, reason: error.description))
        }
      }
    }
    return done.futureResult
  }

  /// On the connection's loop, which may not hear of a cancellation that came before.
  private func makeHandler(
    _ position: Int, answer: EventLoopPromise<StreamComplete>, loop: any EventLoop
  ) throws(TransportError) -> StreamSendHandler {
    let outbox: StreamOutbox
    do throws(FileSetError) {
      outbox = try StreamOutbox(set, sessionID: sessionID)
    } catch {
      throw .fileSet(error)
    }
    let handler = StreamSendHandler(
      outbox: outbox, peer: "receiver \(destinations[position].text)", board: board, position: position,
      idleSeconds: options.idleSeconds, answer: answer)
    let bound = NIOLoopBound(handler, eventLoop: loop)
    cancellations[position].onCancel { loop.execute { bound.value.cancel() } }
    return handler
  }

  private func scheduleProgress(
    on loop: any EventLoop, _ tell: @escaping @Sendable (TransferEvent) -> Void
  ) -> RepeatedTask {
    let meter = Mutex(RateMeter())
    let total = set.manifest.fileByteCount
    return loop.scheduleRepeatedTask(initialDelay: .milliseconds(100), delay: .milliseconds(100)) {
      [self] _ in
      guard let done = board.slowestByteCount else { return }
      let full = board.fullDiskCount
      tell(.progress(meter.withLock { $0.streamProgress(done: done, total: total, fullDiskCount: full) }))
    }
  }

  /// A receiver's disk is full, or has room again.
  private func tellStorage(
    _ position: Int, missingKibibytes: UInt32, _ tell: @Sendable (TransferEvent) -> Void
  ) {
    guard let welcome = board.place(position).welcome else { return }
    let name = "\(welcome.hostName.printable) (\(destinations[position].text))"
    tell(.notice(StorageText.there(name, missingKibibytes: missingKibibytes)))
    tell(
      .storage(
        ReceiverStorage(
          name: welcome.hostName, address: destinations[position].host,
          receiverID: welcome.receiverID.hexadecimal, missingByteCount: UInt64(missingKibibytes) << 10)))
  }

  private func result(at position: Int, _ answer: Result<StreamComplete, any Error>) -> StreamSendResult {
    let place = board.place(position)
    var result = StreamSendResult(
      destination: destinations[position].text, receiverName: place.welcome?.hostName,
      receiverID: place.welcome?.receiverID.hexadecimal, outcome: .whole,
      verifiedFileCount: Int(place.report.verifiedFileCount), failedFileCount: 0,
      fileByteCount: place.report.fileByteCount, fileBytesLeftOut: place.leftOutByteCount ?? 0, seconds: 0,
      accounting: place.account)
    if let begin = place.beganAtNanoseconds, let end = place.endedAtNanoseconds {
      result.seconds = Double(end - begin) / 1e9
    }
    switch answer {
    case .success(let complete):
      result.fileByteCount = set.manifest.fileByteCount
      result.verifiedFileCount = Int(complete.verifiedFileCount)
      result.failedFileCount = Int(complete.failedFileCount)
      result.outcome = complete.status.outcome
      if complete.status == .whole {
        result.remark = complete.text.isEmpty ? nil : complete.text.printable
      } else {
        let text = complete.text.isEmpty ? "the receiver gave no reason" : complete.text
        result.message =
          "\(complete.failedFileCount) of \(set.manifest.entries.count) files failed at "
          + "\(destinations[position].text): \(place.fileFailure?.description ?? text.printable)"
      }
    case .failure(let error):
      let error = TransportError(broken: error, peer: destinations[position].text)
      result.outcome = error.outcome
      result.message = error.description
    }
    return result
  }
}

extension CompleteStatus {
  var outcome: TransferOutcome {
    switch self {
    case .whole: .whole
    case .someFilesFailed: .someFilesFailed
    case .couldNotStore: .couldNotStore
    case .endedByUser: .refused  // the receiver's user
    case .unknown: .failed
    }
  }
}
