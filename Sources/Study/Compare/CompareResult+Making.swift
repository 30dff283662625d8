import Capture
import FileSet
import Ground
import Naive
import Runs

extension CompareResult {
  /// The numbers that follow from the folder alone. The caller adds the protocol's own numbers.
  init(plan: ComparePlan, run: ComparePlan.Run, receiver: Int, folder: String, isPositional: Bool) {
    let arrivals = Arrivals(of: plan.set, in: folder, positional: isPositional)
    self.init(
      variant: run.variant, lossFraction: run.lossFraction, trial: run.trial, receiver: receiver,
      seed: plan.lossSeed(trial: run.trial, receiver: receiver), imagesSent: plan.set.manifest.entries.count,
      imageByteCount: plan.set.manifest.fileByteCount)
    imagesWhole = arrivals.wholeCount
    imagesDamaged = arrivals.damagedPaths.count
    imagesLost = arrivals.lostCount
    imagesInPlace = arrivals.inPlaceCount
  }

  /// TCP's packets. A program above TCP cannot count them: these are the account's prediction for a
  /// 1,500-byte link.
  mutating func setStreamPackets(_ plan: ComparePlan, _ protocolName: TransferProtocol) {
    let predictor = Predictor(
      set: AccountedSet(plan.set), receiverCount: plan.receiverCount,
      sizes: HeaderSizes(mtuByteCount: ComparePlan.mtuByteCount))
    let total = predictor.predict(protocolName, .tcp).total
    packetCount = total.network.packets
    packetByteCount = total.network.bytes
  }

  /// The fragments of the images that a datagram carries, and of the end marker.
  mutating func setFragmentPackets(_ plan: ComparePlan) {
    let images = plan.set.manifest.entries.map { Int($0.byteCount) }
    let sizes = images.filter { $0 <= NaiveLimit.datagramByteCount } + [0]
    packetCount = UInt64(sizes.reduce(0) { $0 + FragmentLoss.fragmentCount(byteCount: $1) })
    packetByteCount = UInt64(sizes.reduce(0) { $0 + FragmentLoss.packetByteCount(byteCount: $1) })
  }
}
