import Figures
import Ground

/// A study's results as comma-separated values, one line a trial. What is written reads back equal, numbers
/// to the last bit.
package enum StudyCSV {
  package static let head =
    "way,mode,mtuByteCount,lossFraction,receiverCount,controller,parity,trial,seed,isComplete,seconds,"
    + "goodputBitsPerSecond,firstCount,repairCount,nackCount,datagramCount,wireByteCount,fileByteCount,traceDigest"

  package static func line(_ trial: StudyTrial) -> String {
    let fields: [String] = [
      trial.point.way.rawValue, trial.point.mode.rawValue, "\(trial.point.mtuByteCount)",
      "\(trial.point.lossFraction)", "\(trial.point.receiverCount)", trial.point.controller.rawValue,
      trial.point.parity.rawValue, "\(trial.trial)", "\(trial.seed)", trial.isComplete ? "1" : "0",
      "\(trial.seconds)", "\(trial.goodputBitsPerSecond)", "\(trial.firstCount)", "\(trial.repairCount)",
      "\(trial.nackCount)", "\(trial.datagramCount)", "\(trial.wireByteCount)", "\(trial.fileByteCount)",
      "\(trial.traceDigest)",
    ]
    return CSV.line(fields)
  }

  /// A whole file.
  package static func text(_ trials: [StudyTrial]) -> String { CSV.text(head: head, lines: trials.map(line)) }

  /// One line; nil when it is not one of ours.
  package static func trial(_ line: Substring) -> StudyTrial? {
    let fields = line.split(separator: ",", omittingEmptySubsequences: false)
    guard fields.count == 19, let point = point(fields[0..<7]), let number = Int(fields[7]), number >= 0,
      let seed = UInt64(fields[8]), let isComplete = flag(fields[9]), let seconds = Double(fields[10]),
      (0...1e9).contains(seconds), isDrawable(seconds), let goodput = Double(fields[11]),
      (0...1e15).contains(goodput), isDrawable(goodput)
    else { return nil }
    let counts = fields[12...].compactMap { UInt64($0) }
    // No trial sends 2^48 bytes; what is added up from such numbers cannot overflow. The last one is a
    // digest.
    guard counts.count == 7, counts.dropLast().allSatisfy({ $0 < 1 << 48 }) else { return nil }
    return StudyTrial(
      point: point, trial: number, seed: seed, isComplete: isComplete, seconds: seconds,
      goodputBitsPerSecond: goodput, firstCount: counts[0], repairCount: counts[1], nackCount: counts[2],
      datagramCount: counts[3], wireByteCount: counts[4], fileByteCount: counts[5], traceDigest: counts[6])
  }

  /// The first seven fields.
  private static func point(_ fields: ArraySlice<Substring>) -> StudyPoint? {
    let fields = Array(fields)
    guard let way = StudyWay(rawValue: String(fields[0])),
      let mode = TransferMode(rawValue: String(fields[1])),
      let mtu = Int(fields[2]), StudyPlan.mtuByteCounts.contains(mtu), let loss = Double(fields[3]),
      (0..<1).contains(loss), let receivers = Int(fields[4]), receivers > 0,
      let controller = StudyController(rawValue: String(fields[5])),
      let parity = StudyParity(rawValue: String(fields[6]))
    else { return nil }
    return StudyPoint(
      lossFraction: loss, receiverCount: receivers, controller: controller, mode: mode, mtuByteCount: mtu,
      parity: parity, way: way)
  }

  /// An axis of values just above 0 has more ticks than gnuplot can draw.
  private static func isDrawable(_ value: Double) -> Bool { value == 0 || value >= 1e-9 }

  private static func flag(_ text: Substring) -> Bool? { text == "1" ? true : text == "0" ? false : nil }

  /// A whole file. A last line without its end was cut off by whatever ended the run: it does not count.
  /// - Throws: `badResults` naming the first line that is not ours.
  package static func trials(_ text: String, path: String) throws(StudyError) -> [StudyTrial] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if !lines.isEmpty { lines.removeLast() }
    guard let first = lines.first else { return [] }
    guard first == head else {
      throw .badResults(path: path, line: 1, reason: "not the head of a study's results")
    }
    var trials: [StudyTrial] = []
    for (index, line) in lines.enumerated().dropFirst() {
      guard let trial = trial(line) else {
        throw .badResults(path: path, line: index + 1, reason: "not a trial")
      }
      trials.append(trial)
    }
    return trials
  }
}
