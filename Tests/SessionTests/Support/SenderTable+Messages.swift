import Ground
import Session
import Wire

/// Words for what a sender does, and the messages that it gets.
extension SenderTable {
  static func dropped(_ before: SenderCounters, _ after: SenderCounters) -> String {
    if after.lateDatagrams > before.lateDatagrams { return "late" }
    if after.strayDatagrams > before.strayDatagrams { return "stray" }
    if after.malformedDatagrams > before.malformedDatagrams { return "malformed" }
    return after == before ? "" : "noted"
  }

  static func word(_ outcome: PeerOutcome) -> String {
    switch outcome {
    case .underWay: "under way"
    case .whole: "whole"
    case .partial: "partial"
    case .left: "left"
    case .silent: "silent"
    case .stalled: "stalled"
    case .leftBehind: "left behind"
    }
  }

  static func word(_ end: SenderEnd) -> String {
    switch end {
    case .finished: "finished"
    case .nobodyListening: "nobody listening"
    case .pathTooNarrow: "path too narrow"
    case .cancelled: "cancelled"
    }
  }

  // MARK: Messages

  static func join(_ id: UInt64, carries byteCount: UInt16) -> ControlMessage {
    .join(
      Join(
        receiverID: id, echoedTimestamp: 0, holdMicroseconds: 0, receiveBufferByteCount: 4 << 20,
        largestAnnounceByteCount: byteCount, hostName: "h"))
  }

  static func nack(
    _ id: UInt64, _ highest: UInt32, acceptsSymbols: Bool = false
  ) -> ControlMessage {
    .nack(
      Nack(
        receiverID: id, highestPacketNumber: highest, echoedTimestamp: 0, holdMicroseconds: 0,
        acceptsSymbols: acceptsSymbols, body: .ranges([ChunkRange(first: 0, count: 1)])))
  }

  static func report(
    _ id: UInt64, _ highest: UInt32, held: UInt64 = 1, missingKibibytes: UInt32 = 0
  ) -> ControlMessage {
    .report(
      Report(
        receiverID: id, highestPacketNumber: highest, echoedTimestamp: 0, holdMicroseconds: 0,
        receiverClockMicroseconds: 0, socketDropCount: 0, receivedDatagramCount: held,
        receivedByteCount: held * 1_472, heldChunkCount: held, duplicateCount: 0,
        missingKibibytes: missingKibibytes))
  }

  static func complete(_ id: UInt64) -> ControlMessage {
    .complete(
      Complete(
        receiverID: id, echoedTimestamp: 0, holdMicroseconds: 0, verifiedFileCount: 1, failedFileCount: 0,
        status: .whole, text: ""))
  }
}
