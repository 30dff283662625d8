import Figures
import Session

/// What a replay says in words.
extension Replay {
  /// What the last of this number of datagrams did: "data: chunk 14 of 3.jpg is new".
  package func line(after count: Int) -> String {
    guard steps.indices.contains(count - 1) else { return "before the first datagram" }
    let step = steps[count - 1]
    let effects = effects(of: count - 1)
    let asked = effects.filter { $0.kind == .asked }
    var parts = [meaning(step, before: count - 1)]
    if !asked.isEmpty { parts.append("asks for \(chunks(asked))") }
    for (kind, text) in [(ReplayEffect.Kind.rebuilt, "rebuilt from parity"), (.forgotten, "not kept")] {
      let found = effects.filter { $0.kind == kind }
      if !found.isEmpty { parts.append("\(chunks(found)) \(text)") }
    }
    if effects.contains(where: { $0.kind == .settled }) { parts.append("every receiver has everything") }
    if step.gap > 0 { parts.append("\(missing(step)) before it") }
    let text = parts.filter { !$0.isEmpty }.joined(separator: "; ")
    return "\(step.isOutgoing ? "sent" : "received") \(name(step))" + (text.isEmpty ? "" : ": " + text)
  }

  private func name(_ step: ReplayStep) -> String {
    switch step.kind {
    case .nack where step.chunk > 0: "NACK #\(step.chunk)"
    case .data where step.isRepair: "repair in packet \(step.packetNumber)"
    default: "\(step.kind.name) in packet \(step.packetNumber)"
    }
  }

  private func meaning(_ step: ReplayStep, before position: Int) -> String {
    if step.event == .damaged { return "arrived damaged, and is not counted" }
    if step.isLost {
      let what = step.kind == .data ? "\(chunk(step.chunk)) " : ""
      return what + (step.isOutgoing ? "dropped on purpose as it left" : "dropped on purpose as it arrived")
    }
    switch (step.kind, role) {
    case (.data, .receiver):
      let isHere = state(after: position).held.contains(UInt64(step.chunk))
      return chunk(step.chunk) + (isHere ? " was here already" : step.isRepair ? " is here now" : " is new")
    case (.data, .sender):
      let wasSent = state(after: position).held.contains(UInt64(step.chunk))
      return chunk(step.chunk) + (wasSent ? " again" : "")
    case (.parity, _): return "symbol \(step.symbol) of the block that begins with \(chunk(step.chunk))"
    default: return ""
    }
  }

  private func chunk(_ chunk: UInt32) -> String {
    "chunk \(chunk)" + (file(ofChunk: UInt64(chunk)).map { " of \($0.name)" } ?? "")
  }

  private func missing(_ step: ReplayStep) -> String {
    let last = step.packetNumber &- 1
    guard step.gap > 1 else { return "packet \(last) is missing" }
    return "packets \(step.packetNumber &- step.gap)–\(last) are missing"
  }

  /// "chunk 3, chunks 12–17 and 4 more ranges", with the file of the first.
  private func chunks(_ effects: [ReplayEffect]) -> String {
    let words = effects.prefix(3).map { effect in
      let last = UInt64(effect.first) + UInt64(max(1, effect.count)) - 1
      return effect.count > 1 ? "chunks \(effect.first)–\(last)" : "chunk \(effect.first)"
    }
    let more = effects.count > 3 ? " and \(effects.count - 3) more" : ""
    let file = effects.isEmpty ? nil : file(ofChunk: UInt64(effects[effects.startIndex].first))
    return words.joined(separator: ", ") + more + (file.map { " of \($0.name)" } ?? "")
  }

  /// What happened to some chunks within the first `count` datagrams, a line each, oldest first: of one chunk
  /// the datagrams, of several their number.
  package func story(of chunks: Range<UInt64>, after count: Int) -> [String] {
    var lines: [String] = []
    var nacks = 0
    for (place, step) in steps.prefix(max(0, count)).enumerated() {
      var text = step.kind == .data && chunks.contains(UInt64(step.chunk)) ? fate(step) : nil
      for effect in effects(of: place) where effect.chunks(of: session.chunkCount).overlaps(chunks) {
        switch effect.kind {
        case .asked:
          nacks += 1
          text = "asked for by \(name(step))"
        case .rebuilt: text = "rebuilt from parity"
        case .resumed: text = "here from an earlier session"
        case .forgotten: text = "not kept"
        case .settled, .began: break
        }
      }
      guard let text, chunks.count == 1 else { continue }
      lines.append("\(Self.time(seconds(of: place)))  \(text)")
    }
    if chunks.count > 1 { return nacks > 0 ? ["\(nacks == 1 ? "1 NACK" : "\(nacks) NACKs") asked"] : [] }
    guard lines.count > Self.storyLimit else { return lines }
    return lines.prefix(Self.storyLimit / 2) + ["… \(lines.count - Self.storyLimit) more …"]
      + lines.suffix(Self.storyLimit / 2)
  }

  private static let storyLimit = 8

  private func fate(_ step: ReplayStep) -> String {
    let packet = "packet \(step.packetNumber)" + (step.isRepair ? " (repair)" : "")
    return switch step.event {
    case .sent: "sent in \(packet)"
    case .received: "came in \(packet)"
    case .droppedOutgoing, .droppedIncoming: "\(packet) was dropped on purpose"
    case .damaged: "\(packet) was damaged"
    }
  }

  /// "1.250 s", "0.4031 s".
  package static func time(_ seconds: Double) -> String {
    HumanText.fixed(seconds, seconds < 1 ? 4 : 3) + " s"
  }
}
