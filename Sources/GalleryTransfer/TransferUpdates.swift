import Dispatch
import FileSet
import Ground
import Network

/// A transfer that runs, and what happens in it. The transfer begins at once. It is cancelled, and the other
/// side is told, when the task that iterates is cancelled, and when nobody iterates any more.
///
/// Only one task may iterate, once. The last element is `finished`. A task that is slow misses older
/// updates, and never the last.
public struct TransferUpdates<Report: Sendable>: AsyncSequence, Sendable {
  public typealias Element = TransferUpdate<Report>
  public typealias Failure = any Error

  public struct AsyncIterator: AsyncIteratorProtocol {
    var base: AsyncThrowingStream<Element, any Error>.Iterator

    /// Throws a `TransferFailure`. The sequence ends when the task is cancelled.
    public mutating func next() async throws -> Element? {
      do { return try await base.next() } catch {
        // The transfer's end may be quicker than that of the sequence.
        guard !Task.isCancelled else { return nil }
        throw error
      }
    }
  }

  /// Updates that wait for a task that is slow.
  private static var waitingLimit: Int { 1_024 }

  private let stream: AsyncThrowingStream<Element, any Error>

  /// Runs `transfer` on a thread of its own, because it blocks.
  init<Running: Transfer>(
    _ make: @escaping @Sendable () throws -> Running,
    report: @escaping @Sendable (Running.Report) -> Report
  ) {
    let cancellation = Cancellation()
    stream = AsyncThrowingStream(bufferingPolicy: .bufferingNewest(Self.waitingLimit)) { continuation in
      continuation.onTermination = { _ in cancellation.cancel() }
      DispatchQueue(label: "gallery.transfer").async {
        do {
          let transfer = try make()
          cancellation.onCancel { transfer.cancel() }
          let result = try transfer.run { event in
            if let update = Element(event) { continuation.yield(update) }
          }
          continuation.yield(.finished(report(result)))
          continuation.finish()
        } catch { continuation.finish(throwing: TransferFailure(error)) }
      }
    }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: stream.makeAsyncIterator()) }

  /// Waits for the end. Throws a `TransferFailure` when there was no session, and `CancellationError` when
  /// the task was cancelled.
  public func report() async throws -> Report {
    for try await case .finished(let report) in self { return report }
    throw CancellationError()
  }
}

extension TransferUpdate {
  /// Nil for what a program does not need.
  init?(_ event: TransferEvent) {
    switch event {
    case .listening(let address, let port): self = .listening(address: address, port: port)
    case .began(let start): self = .began(fileCount: start.fileCount, byteCount: start.fileByteCount)
    case .joined(let join): self = .joined(name: join.name.printable, address: join.address)
    case .lost(let lost):
      self = .lost(name: lost.name.printable, address: lost.address, reason: lost.reason.printable)
    case .progress(let progress):
      self = .progress(
        TransferState(
          bytesDone: progress.fileBytesDone, bytesTotal: progress.fileBytesTotal,
          bytesPerSecond: progress.bytesPerSecond, lossFraction: progress.lossFraction))
    case .verified(let file):
      self = .received(ReceivedFile(name: file.name, path: file.path, byteCount: file.byteCount))
    case .notice(let line): self = .notice(line)
    case .unicast(let receiver):
      self = .notice("\(receiver.name.printable) is served by unicast: \(receiver.reason)")
    case .found, .way, .storage, .arrived, .ended: return nil
    }
  }
}
