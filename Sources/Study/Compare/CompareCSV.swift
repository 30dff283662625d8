import Figures

/// A comparison's results as comma-separated values, one line a run and receiver.
package enum CompareCSV {
  package static let head =
    "variant,lossFraction,trial,receiver,seed,imagesSent,imagesWhole,imagesDamaged,imagesLost,imagesInPlace,"
    + "secondsToLastImage,secondsToEnd,endSeen,packetCount,packetByteCount,imageByteCount,overhead,repairCount,"
    + "nackCount,inducedDropCount,socketDropCount"

  package static func text(_ results: [CompareResult]) -> String {
    CSV.text(head: head, lines: results.map(line))
  }

  package static func line(_ result: CompareResult) -> String {
    let fields: [String] = [
      result.variant.rawValue, "\(result.lossFraction)", "\(result.trial)", "\(result.receiver)",
      "\(result.seed)",
      "\(result.imagesSent)", "\(result.imagesWhole)", "\(result.imagesDamaged)", "\(result.imagesLost)",
      "\(result.imagesInPlace)", HumanText.fixed(result.secondsToLastImage, 6),
      HumanText.fixed(result.secondsToEnd, 6),
      result.endSeen ? "1" : "0", "\(result.packetCount)", "\(result.packetByteCount)",
      "\(result.imageByteCount)",
      result.overhead.isFinite ? HumanText.fixed(result.overhead, 6) : "", "\(result.repairCount)",
      "\(result.nackCount)",
      "\(result.inducedDropCount)",
      "\(result.socketDropCount)",
    ]
    return CSV.line(fields)
  }
}
