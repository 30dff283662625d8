import Figures
import Ground

/// The result of one run of a study.
package struct StudyTrial: Equatable, Codable, Sendable {
  package var job: StudyJob { StudyJob(point: point, trial: trial) }
  package var point: StudyPoint
  /// From 0.
  package var trial: Int
  package var seed: UInt64
  /// Every receiver has verified every chunk.
  package var isComplete: Bool
  /// From the sender's first datagram until the last receiver has everything; 0 when a receiver misses
  /// something.
  package var seconds: Double
  /// File bits a second until then.
  package var goodputBitsPerSecond: Double
  /// Datagrams with a chunk for the first time.
  package var firstCount: UInt64
  /// Datagrams with a chunk again, or with a symbol of parity.
  package var repairCount: UInt64
  /// NACKs that receivers sent.
  package var nackCount: UInt64
  /// All of the sender's datagrams, and their bytes with IPv4 and UDP headers.
  package var datagramCount: UInt64
  package var wireByteCount: UInt64
  package var fileByteCount: UInt64
  /// Simulated: the fingerprint of every datagram, its fate and its time. Otherwise 0.
  package var traceDigest: UInt64

  package var repairsPerChunk: Double { firstCount == 0 ? 0 : Double(repairCount) / Double(firstCount) }
  package var wireRatio: Double { fileByteCount == 0 ? 0 : Double(wireByteCount) / Double(fileByteCount) }

  package init(
    point: StudyPoint, trial: Int, seed: UInt64, isComplete: Bool, seconds: Double,
    goodputBitsPerSecond: Double, firstCount: UInt64, repairCount: UInt64, nackCount: UInt64,
    datagramCount: UInt64,
    wireByteCount: UInt64, fileByteCount: UInt64, traceDigest: UInt64
  ) {
    self.point = point
    self.trial = trial
    self.seed = seed
    self.isComplete = isComplete
    self.seconds = seconds
    self.goodputBitsPerSecond = goodputBitsPerSecond
    self.firstCount = firstCount
    self.repairCount = repairCount
    self.nackCount = nackCount
    self.datagramCount = datagramCount
    self.wireByteCount = wireByteCount
    self.fileByteCount = fileByteCount
    self.traceDigest = traceDigest
  }
}
