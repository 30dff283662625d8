import Checksum
import Wire

extension Vector {
  /// The control message that the vector's `key = value` lines describe.
  func message() throws -> ControlMessage {
    switch try text("type") {
    case "announce": .announce(try announce())
    case "join": .join(try join())
    case "nack": .nack(try nack())
    case "repairNotice": .repairNotice(try repairNotice())
    case "report": .report(try report())
    case "end":
      .end(
        End(
          round: try number("round"), timestamp: try number("timestamp"),
          totalChunkCount: try number("totalChunkCount"), grttCode: try grttCode()))
    case "complete": .complete(try complete())
    case "close":
      .close(
        Close(
          receiverIDs: try tuples("receiverIDs").flatMap { $0 },
          inducedDropCount: try number("inducedDropCount")))
    case "abort":
      .abort(
        Abort(
          receiverID: try number("receiverID"), reason: AbortReason(rawValue: try number("reason")),
          text: try text("text")))
    case let other: throw VectorError.unreadable(other)
    }
  }

  func grttCode() throws -> GrttCode { GrttCode(rawValue: try number("grttCode")) }

  private func announce() throws -> Announce {
    let identity = try data("setIdentity")
    var announce = Announce(
      setIdentity: SetIdentity(high: Self.bigEndian(identity, 0), low: Self.bigEndian(identity, 8)),
      shape: SetShape(
        chunkByteCount: try number("chunkByteCount"), manifestByteCount: try number("manifestByteCount"),
        fileCount: try number("fileCount"), fileByteCount: try number("totalFileByteCount"),
        fileChunkCount: try number("fileChunkCount")),
      groupSize: try number("groupSize"), timestamp: try number("timestamp"),
      options: AnnounceOptions(rawValue: try number("options")), grttCode: try grttCode(),
      blockChunkCount: try number("blockChunkCount"), maxParityCount: try number("maxParityCount"),
      blockStride: try number("blockStride"),
      datagramByteCount: try number("datagramByteCount"))
    if fields["representatives"] != nil {
      announce.representatives = try tuples("representatives").flatMap { $0 }
    }
    return announce
  }

  private static func bigEndian(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 << 8 | UInt64(bytes[offset + $1]) }
  }

  private func join() throws -> Join {
    let flags: UInt8 = try number("flags")
    return Join(
      receiverID: try number("receiverID"), echoedTimestamp: try number("echoedTimestamp"),
      holdMicroseconds: try number("holdMicroseconds"),
      receiveBufferByteCount: try number("receiveBufferByteCount"),
      largestAnnounceByteCount: try number("largestAnnounceByteCount"), hostName: try text("hostName"),
      countsMarks: flags & 0x20 != 0)
  }

  private func nack() throws -> Nack {
    let body: Nack.Body =
      fields["bits"] != nil
      ? .bitmap(base: try number("base"), bits: try data("bits")) : .ranges(try ranges("ranges"))
    let flags: UInt8 = try number("flags")
    return Nack(
      receiverID: try number("receiverID"), highestPacketNumber: try number("highestPacketNumber"),
      echoedTimestamp: try number("echoedTimestamp"), holdMicroseconds: try number("holdMicroseconds"),
      acceptsSymbols: flags & 8 != 0, body: body)
  }

  func ranges(_ key: String) throws -> [ChunkRange] {
    try tuples(key).map { ChunkRange(first: UInt32($0[0]), count: UInt32($0[1])) }
  }

  private func repairNotice() throws -> RepairNotice {
    let flags: UInt8 = try number("flags")
    return RepairNotice(
      timestamp: try number("timestamp"), grttCode: try grttCode(), form: flags & 2 == 0 ? .chunks : .parity,
      entries: try tuples("entries").map {
        RepairEntry(firstChunk: UInt32($0[0]), count: UInt32($0[1]), firstPacketNumber: UInt32($0[2]))
      })
  }

  private func report() throws -> Report {
    let flags: UInt8 = try number("flags")
    return Report(
      receiverID: try number("receiverID"), highestPacketNumber: try number("highestPacketNumber"),
      echoedTimestamp: try number("echoedTimestamp"), holdMicroseconds: try number("holdMicroseconds"),
      receiverClockMicroseconds: try number("receiverClockMicroseconds"),
      socketDropCount: try number("socketDropCount"),
      receivedDatagramCount: try number("receivedDatagramCount"),
      receivedByteCount: try number("receivedByteCount"), heldChunkCount: try number("heldChunkCount"),
      duplicateCount: try number("duplicateCount"),
      congestionMarkCount: try number("congestionMarkCount"), countsMarks: flags & 0x20 != 0,
      missingKibibytes: try number("missingKibibytes"))
  }

  private func complete() throws -> Complete {
    Complete(
      receiverID: try number("receiverID"), echoedTimestamp: try number("echoedTimestamp"),
      holdMicroseconds: try number("holdMicroseconds"), verifiedFileCount: try number("verifiedFileCount"),
      failedFileCount: try number("failedFileCount"), status: CompleteStatus(rawValue: try number("status")),
      text: try text("text"))
  }
}
