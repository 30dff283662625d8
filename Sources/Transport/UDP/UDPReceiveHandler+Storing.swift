import Datagrams
import FileSet
import Session
import Trace
import Wire

/// What a receiver's driver stores, and what the session says of it.
extension UDPReceiveHandler {
  func handle(_ event: ReceiverEvent) {
    switch event {
    case .allChunksHeld:
      // Also when the set came to its end before: that was told to a machine that still lacked chunks.
      isSettling = true
      intake?.settleSoon()
    case .canRebuild(let block): blocks?.noteReady(block)
    case .symbolsUnneeded(let block): blocks?.drop(block)
    case .chunksBlocked(let request): leaveGroup(request)
    case .began, .ended: break
    }
    if blocks?.hasWork ?? false { rebuildSoon() }
  }

  func flush() {
    if let flushed = intake?.flush() { take(flushed) }
  }

  func take(_ flushed: ChunkIntake.Flushed) {
    if blocks?.hasWork ?? false { rebuildSoon() }  // the manifest may be known now
    if !flushed.recognised.isEmpty {
      machine.hold(flushed.recognised, now: clock.now)
      tracing?.chunks(.resumed, flushed.recognised, now: clock.now)
    }
    if !flushed.forgotten.isEmpty { forget(flushed.forgotten) }
    if let error = flushed.failure { fail(error) }
    noteStorage()
  }

  func fail(_ error: FileSetError) {
    if failure == nil { failure = error }
    machine.cancel(
      reason: error.isStorageFailure ? .cannotStore : .refused, text: error.description, now: clock.now)
  }
}
