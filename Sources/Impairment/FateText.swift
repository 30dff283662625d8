extension DropCause {
  /// As in a trace.
  package var word: String {
    switch self {
    case .randomLoss: "random_loss"
    case .listed: "listed"
    case .queueOverflow: "queue_overflow"
    }
  }
}

extension Verdict {
  /// What a drop trace says, Specs/trace.md §6; nil for a datagram that went as it was, if perhaps later.
  package var fate: String? {
    var words: [String] = []
    switch self {
    case .dropped(let cause): words.append(cause.word)
    case .delivered(let one): words += one.fate
    case .duplicated(let one, let two):
      words +=
        one.fate + ["duplicated"] + (two.flippedBitIndex == nil ? [] : ["duplicate_corrupted"])
        + (two.truncatedByteCount == nil ? [] : ["duplicate_truncated"])
    }
    return words.isEmpty ? nil : words.joined(separator: "+")
  }
}

extension Delivery {
  fileprivate var fate: [String] {
    (flippedBitIndex == nil ? [] : ["corrupted"]) + (truncatedByteCount == nil ? [] : ["truncated"])
      + (isHeldBack ? ["reordered"] : [])
  }
}
