import Ground

extension CheckStage {
  /// How many runs may be spent on one failure.
  private static let tryLimit = 24

  /// Runs a case, and when it fails searches the smallest failure. `records`: where its capture and trace go,
  /// a path without an ending; nil: nowhere.
  package func judge(
    _ one: CheckCase, shrinks: Bool, records: String?
  ) throws(CheckError) -> CheckResult {
    let attempt = try run(one)
    var result = CheckResult(
      name: one.name, section: one.section, sentence: one.sentence, faults: attempt.faults,
      output: attempt.output)
    guard !attempt.faults.isEmpty else { return result }
    var kept = attempt.touched.keys.sorted()
    if shrinks {
      kept = try smallest(one, kept)
      result.smallest = kept.map { "\($0) \(attempt.touched[$0] ?? "")" }
    }
    if !one.streamRules.isEmpty { result.smallest = one.streamRules.map(\.description) }
    guard let records, one.mode != .tcp else { return result }
    _ = try run(one, allowed: Set(kept), records: records)
    result.records = [records + ".pcap"]
    if one.isTraced { result.records.append(records + ".qlog") }
    return result
  }

  private func smallest(_ one: CheckCase, _ touched: [DatagramName]) throws(CheckError) -> [DatagramName] {
    guard !touched.isEmpty else { return [] }
    var failure: CheckError?
    let kept = Shrinker.smallest(touched, tries: Self.tryLimit) { some in
      guard failure == nil else { return false }
      do throws(CheckError) { return try !run(one, allowed: Set(some)).faults.isEmpty } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
    return kept
  }
}
