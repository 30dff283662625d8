package import FileSet
import Ground
import Impairment
import Transport

/// What a comparison runs. Checked by its owner: losses in [0, 1), trials and receivers ≥ 1.
package struct ComparePlan: Sendable {
  package var set: ScannedSet
  /// Parts of the packets lost at random at each receiver, each in [0, 1).
  package var lossFractions: [Double]
  package var trialCount: Int
  /// 1: unicast on loopback. More: a multicast group on loopback.
  package var receiverCount: Int
  package var seed: UInt64
  /// Naive: pause between two images. The course has none, and then socket buffers overflow.
  package var pauseSeconds = 0.002
  /// Naive: the sleep before the end marker; the course's three seconds.
  package var waitSeconds = 3.0
  /// Folder for what arrives; made by the runs, emptied by the owner.
  package var workPath: String

  package init(
    set: ScannedSet, lossFractions: [Double], trialCount: Int, receiverCount: Int, seed: UInt64,
    workPath: String
  ) {
    self.set = set
    self.lossFractions = lossFractions
    self.trialCount = trialCount
    self.receiverCount = receiverCount
    self.seed = seed
    self.workPath = workPath
  }

  /// Bytes of an IP packet of both protocols, as on Ethernet.
  package static let mtuByteCount = 1_500
  /// Of the runs with parity: 64 chunks in a block, and as many symbols as the loss asks for.
  static let parity = ParityChoice.Blocks(chunkCount: 64, stride: StudyParity.defaultStride)
  /// Symbols for each chunk that one receiver gets unasked.
  static let unicastParityShare = 0.1

  /// One run of the comparison.
  package struct Run: Equatable, Sendable {
    package var variant: CompareVariant
    package var lossFraction: Double
    /// From 0.
    package var trial: Int
  }

  /// All runs in order: trial by trial, the variants beside each other, so that a machine that warms up or
  /// slows down favours none of them.
  package var runs: [Run] {
    lossFractions.flatMap { loss in
      (0..<trialCount).flatMap { trial in
        CompareVariant.allCases.filter { loss == 0 || !$0.isTCP }
          .map { Run(variant: $0, lossFraction: loss, trial: trial) }
      }
    }
  }

  /// The seed of one receiver's losses: the same for every variant, another for each trial and receiver.
  package func lossSeed(trial: Int, receiver: Int) -> UInt64 {
    SplitMix64.combine(SplitMix64.combine(seed, UInt64(trial)), UInt64(receiver))
  }
}
