import Ground
import Impairment
import Wire

/// What the theory says of a study's trials: `RepairModel` on the study's path.
struct StudyModel {
  /// Round trips that a session takes beside its datagrams: from the announce to the first chunk, and from
  /// the last one to the repair of what was lost of the last.
  private static let extraRoundTrips = 1.5

  let roundTripSeconds: Double
  /// Bits per second, Ethernet's header and what is below it included; nil: the path has no bottleneck.
  private let rateBitsPerSecond: Double?
  private let fileByteCount: Int
  private let hasImpairments: Bool

  init(_ plan: StudyPlan) {
    let path = try? Impairment(parsing: plan.path)
    roundTripSeconds = 2 * Double(path?.delayNanoseconds ?? 0) / 1e9
    rateBitsPerSecond = path?.bottleneck.map { Double($0.rateBitsPerSecond) }
    fileByteCount = plan.fileByteCount
    hasImpairments = !plan.impairments.isEmpty
  }

  /// Whether it knows of trials like this. It knows nothing of impairments of single receivers or directions,
  /// of symbols that leave unasked, and of TCP.
  func covers(_ point: StudyPoint) -> Bool {
    !hasImpairments && point.mode != .tcp && point.parity.fixedShare == nil
  }

  func repairsPerChunk(_ point: StudyPoint) -> Double? {
    guard covers(point) else { return nil }
    return RepairModel.repairsPerChunk(
      lossFraction: point.lossFraction, receiverCount: point.sessionReceiverCount,
      blockChunkCount: point.parity.blockChunkCount)
  }

  /// The bottleneck is full from the first chunk to the last repair. In unicast the receivers are served one
  /// after the other. Nil without a bottleneck.
  func seconds(_ point: StudyPoint) -> Double? {
    guard let rateBitsPerSecond, let repairs = repairsPerChunk(point) else { return nil }
    let chunk = Double(point.chunkByteCount)
    let datagram = chunk + Double(DataHeader.byteCount + PacketSize.ethernetDatagram)
    let session =
      Double(fileByteCount) * 8 * (datagram / chunk) * (1 + repairs) / rateBitsPerSecond
      + Self.extraRoundTrips * roundTripSeconds
    return session * Double(point.receiverCount / point.sessionReceiverCount)
  }

  func goodputBitsPerSecond(_ point: StudyPoint) -> Double? {
    seconds(point).map { Double(fileByteCount) * 8 / $0 }
  }

  /// Of a group, while each round trip brings one loss that all its receivers share, and notices of the
  /// sender alone silence them: `RepairModel.nacksPerLoss`.
  func nacksPerRoundTrip(_ point: StudyPoint) -> Double? {
    guard covers(point), point.lossFraction > 0, point.mode.isGroup else { return nil }
    return RepairModel.nacksPerLoss(receiverCount: point.receiverCount)
  }
}
