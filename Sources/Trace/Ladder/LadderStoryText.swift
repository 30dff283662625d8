import Figures

/// Tells in sentences what happened to lost chunks.
struct LadderStoryText {
  private let datagrams: [LadderDatagram]
  private let knowsSender: Bool

  /// NACKs of which each has a sentence. Of more only the number is told.
  private static let nackLimit = 3

  /// - Parameter datagrams: those of the story, in order.
  init(_ datagrams: [LadderDatagram], knowsSender: Bool) {
    self.datagrams = datagrams
    self.knowsSender = knowsSender
  }

  var text: String { (losses + nacks + repairs).joined(separator: " ") }

  private var firstSends: [LadderDatagram] { datagrams.filter { $0.type == "data" && !$0.isRepair } }

  /// The chunks of the story: those that were lost or repaired. Without them, what the first NACK asks for.
  private var chunkRanges: [ClosedRange<UInt64>] {
    let chunks = datagrams.filter { $0.type == "data" }.compactMap(\.chunk)
    return chunks.isEmpty ? datagrams.first?.ranges ?? [] : chunks.map { $0...$0 }
  }

  private var isOneChunk: Bool {
    guard let first = chunkRanges.first else { return true }
    return chunkRanges.allSatisfy { $0.lowerBound == first.lowerBound && $0.upperBound == first.lowerBound }
  }

  private var losses: [String] {
    guard let first = firstSends.first, let loss = first.loss else {
      return chunkRanges.isEmpty
        ? [] : [sentence(LadderText.chunks(chunkRanges), isOneChunk ? "was" : "were", "missing.")]
    }
    let isSame = firstSends.allSatisfy { $0.loss == loss }
    let reason = isSame ? ": " + cause(loss, isFromSender: true) : ""
    return [sentence(LadderText.chunks(chunkRanges), isOneChunk ? "was" : "were", "lost\(reason).")]
  }

  private func sentence(_ words: String...) -> String {
    let text = words.joined(separator: " ")
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  private func cause(_ loss: LadderDatagram.Loss, isFromSender: Bool) -> String {
    let emitter = isFromSender ? "sender" : "receiver"
    let other = isFromSender ? "receiver" : "sender"
    switch loss {
    case .leaving: return "dropped on purpose by the \(emitter)"
    case .underway: return "it did not reach the \(other)"
    case .arriving: return "dropped on purpose when it reached the \(other)"
    case .damaged: return "it reached the \(other) damaged"
    }
  }

  private var nacks: [String] {
    let nacks = datagrams.filter { $0.type == "nack" }
    guard !nacks.isEmpty else { return ["No NACK asked for \(isOneChunk ? "it" : "them")."] }
    var sentences: [String] = []
    for (place, nack) in nacks.prefix(Self.nackLimit).enumerated() {
      let asked =
        place == 0
        ? "NACK \(nack.packetNumber) asked for \(isOneChunk ? "it" : "them")"
        : "\(milliseconds(nack.firstAt - nacks[place - 1].firstAt)) later NACK \(nack.packetNumber) asked again"
      if let loss = nack.loss {
        sentences.append("\(asked), but this NACK was lost: \(cause(loss, isFromSender: false)).")
      } else {
        sentences.append(nack.arrivedAt == nil ? "\(asked)." : "\(asked), and reached the sender.")
      }
    }
    let more = nacks.count - Self.nackLimit
    if more > 0 {
      let lost = nacks.dropFirst(Self.nackLimit).count(where: \.isLost)
      let fate = lost == 0 ? "" : lost == 1 ? ", of which 1 was lost" : ", of which \(lost) were lost"
      sentences.append("\(HumanText.grouped(more, "more NACK")) followed\(fate).")
    }
    return sentences
  }

  private var repairs: [String] {
    let repairs = datagrams.filter { $0.isData && $0.isRepair }
    let arrived = repairs.filter { $0.arrivedAt != nil }
    let lost = repairs.filter(\.isLost)
    guard let last = (arrived.isEmpty ? repairs : arrived).last else {
      return [knowsSender ? "No repair was sent." : "No repair arrived."]
    }
    let since = firstSends.first.map { milliseconds(last.lastAt - $0.firstAt) }
    let after = since.map { " \($0) after the \(isOneChunk ? "" : "first ")chunk was sent" } ?? ""
    var sentences: [String] = []
    if !lost.isEmpty {
      sentences.append("\(HumanText.grouped(lost.count, "repair")) \(lost.count == 1 ? "was" : "were") lost.")
    }
    if arrived.isEmpty {
      if lost.isEmpty { sentences.append("\(HumanText.grouped(repairs.count, "repair")) left the sender.") }
    } else if arrived.count == 1 {
      sentences.append("The repair arrived\(after).")
    } else {
      sentences.append("\(arrived.count) repairs arrived\(since == nil ? "" : ", the last one\(after)").")
    }
    return sentences
  }

  private func milliseconds(_ value: Double) -> String { HumanText.fixed(value, value < 10 ? 2 : 1) + " ms" }
}
