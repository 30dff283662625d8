extension Impairment: CustomStringConvertible {
  /// Reads the textual form of the command line's `--drop`; ``ImpairmentParser`` lists it.
  /// - Throws: ``ImpairmentError``, one line that says which part is wrong and how it should look.
  package init(parsing text: String) throws(ImpairmentError) {
    self = try ImpairmentParser.parse(text)
  }

  /// Reads several texts, as from an option that is given more than once. No text is no impairment.
  package init(parsing texts: [String]) throws(ImpairmentError) {
    self = texts.isEmpty ? .none : try ImpairmentParser.parse(texts.joined(separator: ";"))
  }

  /// This impairment, in which the texts replace the parts that they name. A preset replaces all of it.
  package func refined(by texts: [String]) throws(ImpairmentError) -> Impairment {
    texts.isEmpty ? self : try ImpairmentParser.parse(texts.joined(separator: ";"), refining: self)
  }

  /// The textual form. It reads back to an equal value, so that logs and reports can be repeated.
  package var description: String {
    var parts: [String] = []
    switch loss {
    case .none: break
    case .random(let probability): parts.append(Quantity.text(probability: probability))
    case .burst(let meanLoss, let meanRunLength):
      parts.append("burst:\(Quantity.text(probability: meanLoss)),\(Quantity.text(number: meanRunLength))")
    case .gilbertElliott(let toBad, let toGood, let lossGood, let lossBad):
      let numbers = [toBad, toGood, lossGood, lossBad].map { Quantity.text(probability: $0) }
      parts.append("ge:" + numbers.joined(separator: ","))
    }
    if !drops.isEmpty { parts.append("drop:" + drops.map(\.description).joined(separator: ",")) }
    if corruption > 0 { parts.append("corrupt:" + Quantity.text(probability: corruption)) }
    if truncation > 0 { parts.append("truncate:" + Quantity.text(probability: truncation)) }
    if duplication > 0 { parts.append("dup:" + Quantity.text(probability: duplication)) }
    if let reordering {
      let extra = Quantity.text(nanoseconds: reordering.extraDelayNanoseconds)
      parts.append("reorder:\(Quantity.text(probability: reordering.probability)),\(extra)")
    }
    if delayNanoseconds > 0 { parts.append("delay:" + Quantity.text(nanoseconds: delayNanoseconds)) }
    if jitterNanoseconds > 0 { parts.append("jitter:" + Quantity.text(nanoseconds: jitterNanoseconds)) }
    if let bottleneck {
      parts.append("rate:" + Quantity.text(bitsPerSecond: bottleneck.rateBitsPerSecond))
      parts.append("buffer:" + Quantity.text(byteCount: bottleneck.bufferByteCount))
      if let mark = bottleneck.markNanoseconds { parts.append("mark:" + Quantity.text(nanoseconds: mark)) }
    }
    if let outage {
      let start = Quantity.text(nanoseconds: outage.startNanoseconds)
      parts.append("outage:\(start),\(Quantity.text(nanoseconds: outage.durationNanoseconds))")
    }
    return parts.isEmpty ? "none" : parts.joined(separator: ";")
  }
}
