import Datagrams
import FileSet
import Ground
import Session

/// What a receiver's driver has said of its disk.
struct StorageWatch {
  /// Why the disk takes nothing; nil while it does.
  var shortage: FileSetError?
  var isLookScheduled = false
}

/// A full disk, Specs/chunked-udp.md §6.15: the session waits, and goes on by itself when space is freed.
extension UDPReceiveHandler {
  /// Between two looks whether a full disk has room again.
  private static let lookNanoseconds: Nanoseconds = .seconds(1)

  /// The session has begun: tells what an earlier one has left.
  func beginStoring() {
    intake?.onFull = { [weak self] in
      self?.noteStorage()
      self?.pump()
    }
    intake?.resume()
  }

  /// Chunks or names were stored, or were not.
  func noteStorage() {
    guard let intake, intake.shortage != storage.shortage else { return }
    let wasFull = storage.shortage != nil
    let missing = tellMissing(intake)
    storage.shortage = intake.shortage
    if wasFull != intake.isFull { onEvent(.storage(intake.shortage, missingKibibytes: missing)) }
    if intake.isFull { lookSoon() }
  }

  private func lookSoon() {
    guard !storage.isLookScheduled else { return }
    storage.isLookScheduled = true
    loop.schedule(after: Self.lookNanoseconds) { [weak self] in self?.lookForRoom() }
  }

  private func lookForRoom() {
    storage.isLookScheduled = false
    guard let intake, intake.isFull, !machine.hasEnded else { return }
    intake.tryStorage()
    _ = tellMissing(intake)
    noteStorage()
    if intake.isFull { lookSoon() }
    pump()
  }

  /// The machine tells its sender.
  private func tellMissing(_ intake: ChunkIntake) -> UInt32 {
    let bytes = intake.missingByteCount
    let missing = UInt32(clamping: bytes >> 10 + (bytes & 1_023 == 0 ? 0 : 1))
    machine.handleStorage(missingKibibytes: missing, now: clock.now)
    return missing
  }

  /// Why a session that has ended has not stored everything; nil when the disk is not the reason.
  var shortageAtEnd: FileSetError? {
    guard case .ended(let end) = machine.phase else { return nil }
    switch end {
    case .completed, .cancelled: return nil
    case .aborted, .senderSilent, .senderDone, .senderStalled: return storage.shortage
    }
  }
}

extension UDPReceiveSession {
  /// The disk is full, or has room again.
  func tellStorage(_ error: FileSetError?, missingKibibytes: UInt32) {
    tell(.notice(StorageText.here(error, missingKibibytes: missingKibibytes)))
  }
}
