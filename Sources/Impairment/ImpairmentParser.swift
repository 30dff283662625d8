/// The textual form of an impairment: parts joined by `;`, in any order, each at most once.
///
///     5%  loss:5%              random loss           burst:5%,8       mean loss, mean run length
///     ge:2%,20%,0.1%,40%       Gilbert–Elliott       drop:17,20-25,nack#1,end*
///     delay:20ms  jitter:5ms   dup:1%  corrupt:0.1%  truncate:5%  reorder:5%,10ms
///     rate:100Mbit             buffer:30ms  buffer:375kB             (buffer and mark need a rate)
///     mark:5ms                 marks what waits so long, where the sender allows it (ECN)
///     outage:2s,500ms          nothing passes from 2 s after the start on, for 500 ms
///     none wifi satellite dsl lte lossy              a preset, which the other parts refine
///
/// or in words: `loss 5%`, `drop datagram 17`, `drop the first NACK and every end message`
/// (``ImpairmentPhrase``).
struct ImpairmentParser {
  /// The buffer of a bottleneck when the text names none: 50 ms at its rate, and at least ten full Ethernet
  /// frames.
  static let defaultBufferNanoseconds: UInt64 = 50_000_000
  static let leastDefaultBufferByteCount: UInt64 = 15_000
  /// How long a reordered datagram is held back unless told.
  static let defaultReorderDelayNanoseconds: UInt64 = 2_000_000

  static let examples = "5%, burst:5%,8, drop:17,nack#1,end*, delay:20ms, rate:100Mbit, wifi"

  private var result = Impairment()
  private var seen: [String] = []
  private var rateBitsPerSecond: UInt64?
  private var buffer: Buffer?
  private var markNanoseconds: UInt64?

  private enum Buffer {
    case bytes(UInt64)
    case nanoseconds(UInt64)
  }

  static func parse(_ text: String, refining base: Impairment = .none) throws(ImpairmentError) -> Impairment {
    var parser = ImpairmentParser()
    parser.result = base
    let parts = text.split(separator: ";", omittingEmptySubsequences: true)
      .map { part in ImpairmentPhrase.canonical(part) ?? String(part.filter { !$0.isWhitespace }) }
      .filter { !$0.isEmpty }
    guard !parts.isEmpty else { throw .unreadable(part: text, expected: "parts such as \(examples)") }
    // Presets come first, so that a part refines the preset wherever the part stands.
    for part in parts { try parser.readPreset(part) }
    for part in parts { try parser.readSetting(part) }
    try parser.joinBottleneck()
    return try parser.result.validated()
  }

  private mutating func readPreset(_ part: String) throws(ImpairmentError) {
    guard part == "none" || ImpairmentPreset(rawValue: part) != nil else { return }
    try once("a preset")
    result = ImpairmentPreset(rawValue: part)?.impairment ?? .none
  }

  private mutating func readSetting(_ part: String) throws(ImpairmentError) {
    guard part != "none", ImpairmentPreset(rawValue: part) == nil else { return }
    guard let colon = part.firstIndex(of: ":") else {
      guard let loss = try Quantity.probability(Substring(part)) else {
        throw .unreadable(part: part, expected: "one of \(Self.examples)")
      }
      return try setLoss(.random(loss))
    }
    let value = part[part.index(after: colon)...]
    switch part[..<colon] {
    case "loss": try setLoss(.random(Self.probability(value, in: part, example: "loss:5%")))
    case "burst": try setLoss(Self.burst(value, in: part))
    case "ge": try setLoss(Self.gilbertElliott(value, in: part))
    case "drop": try setDrops(value, in: part)
    case "delay":
      try once("delay")
      result.delayNanoseconds = try Self.duration(value, in: part, example: "delay:20ms")
    case "jitter":
      try once("jitter")
      result.jitterNanoseconds = try Self.duration(value, in: part, example: "jitter:5ms")
    case "dup":
      try once("dup")
      result.duplication = try Self.probability(value, in: part, example: "dup:1%")
    case "corrupt":
      try once("corrupt")
      result.corruption = try Self.probability(value, in: part, example: "corrupt:0.1%")
    case "truncate":
      try once("truncate")
      result.truncation = try Self.probability(value, in: part, example: "truncate:5%")
    case "reorder": try setReordering(value, in: part)
    case "outage": try setOutage(value, in: part)
    case "rate": try setRate(value, in: part)
    case "buffer": try setBuffer(value, in: part)
    case "mark":
      try once("mark")
      markNanoseconds = try Self.duration(value, in: part, example: "mark:5ms")
    default:
      throw .unreadable(
        part: part,
        expected:
          "loss, burst, ge, drop, delay, jitter, dup, corrupt, truncate, reorder, outage, rate, buffer or mark before ':'"
      )
    }
  }

  private mutating func once(_ what: String) throws(ImpairmentError) {
    guard !seen.contains(what) else { throw .repeated(what) }
    seen.append(what)
  }

  private mutating func setLoss(_ loss: LossModel) throws(ImpairmentError) {
    try once("loss")
    result.loss = loss
  }

  private mutating func setDrops(_ value: Substring, in part: String) throws(ImpairmentError) {
    try once("drop")
    var rules: [DropRule] = []
    for item in value.split(separator: ",", omittingEmptySubsequences: false) {
      guard let rule = Self.rule(item) else {
        throw .unreadable(
          part: part, expected: "packet numbers, ranges or types, e.g. drop:17,20-25,nack#1,end*")
      }
      rules.append(rule)
    }
    result.drops = rules
  }

  private mutating func setReordering(_ value: Substring, in part: String) throws(ImpairmentError) {
    try once("reorder")
    let items = value.split(separator: ",", omittingEmptySubsequences: false)
    let example = "reorder:5%,10ms"
    guard let first = items.first, items.count <= 2 else {
      throw .unreadable(part: part, expected: "a probability and a delay, e.g. \(example)")
    }
    var extraDelay = Self.defaultReorderDelayNanoseconds
    if items.count == 2 { extraDelay = try Self.duration(items[1], in: part, example: example) }
    result.reordering = .init(
      probability: try Self.probability(first, in: part, example: example),
      extraDelayNanoseconds: extraDelay)
  }

  private mutating func setOutage(_ value: Substring, in part: String) throws(ImpairmentError) {
    try once("outage")
    let items = value.split(separator: ",", omittingEmptySubsequences: false)
    guard items.count == 2 else {
      throw .unreadable(part: part, expected: "a start and a duration, e.g. outage:2s,500ms")
    }
    result.outage = .init(
      startNanoseconds: try Self.duration(items[0], in: part, example: "outage:2s,500ms"),
      durationNanoseconds: try Self.duration(items[1], in: part, example: "outage:2s,500ms"))
  }

  private mutating func setRate(_ value: Substring, in part: String) throws(ImpairmentError) {
    try once("rate")
    do { rateBitsPerSecond = try Quantity.bitsPerSecond(value) } catch {
      throw .badQuantity(part: part, error, example: "rate:100Mbit")
    }
  }

  private mutating func setBuffer(_ value: Substring, in part: String) throws(ImpairmentError) {
    try once("buffer")
    if let nanoseconds = try? Quantity.nanoseconds(value) {
      buffer = .nanoseconds(nanoseconds)
    } else if let byteCount = try? Quantity.bytes(value) {
      buffer = .bytes(byteCount)
    } else {
      throw .unreadable(part: part, expected: "a time or a size, e.g. buffer:30ms or buffer:375kB")
    }
  }

  /// A buffer that is given as a time is converted by the rate, so both are combined last.
  private mutating func joinBottleneck() throws(ImpairmentError) {
    guard let rate = rateBitsPerSecond ?? result.bottleneck?.rateBitsPerSecond else {
      if buffer != nil || markNanoseconds != nil {
        throw .unreadable(
          part: buffer != nil ? "buffer" : "mark",
          expected: "a rate beside it, e.g. rate:100Mbit;buffer:30ms;mark:5ms")
      }
      return
    }
    let byteCount: UInt64
    switch buffer {
    case .bytes(let given): byteCount = given
    case .nanoseconds(let time): byteCount = Self.bytes(during: time, rateBitsPerSecond: rate)
    case nil:
      if rateBitsPerSecond == nil {
        if markNanoseconds != nil { result.bottleneck?.markNanoseconds = markNanoseconds }
        return
      }
      byteCount = max(
        Self.leastDefaultBufferByteCount,
        Self.bytes(during: Self.defaultBufferNanoseconds, rateBitsPerSecond: rate))
    }
    result.bottleneck = .init(
      rateBitsPerSecond: rate, bufferByteCount: byteCount,
      markNanoseconds: markNanoseconds ?? result.bottleneck?.markNanoseconds)
  }

  private static func bytes(during nanoseconds: UInt64, rateBitsPerSecond: UInt64) -> UInt64 {
    UInt64(min(1e18, Double(nanoseconds) * Double(rateBitsPerSecond) / 8e9))
  }

  private static func rule(_ item: Substring) -> DropRule? {
    if item.hasSuffix("*") {
      return kind(item.dropLast()).map { .every(kind: $0) }
    }
    if let hash = item.firstIndex(of: "#") {
      guard let kind = kind(item[..<hash]), let number = UInt32(item[item.index(after: hash)...]) else {
        return nil
      }
      return .occurrence(kind: kind, number: number)
    }
    let bounds = item.split(separator: "-", omittingEmptySubsequences: false)
    guard let first = bounds.first.flatMap({ UInt64($0) }), bounds.count <= 2,
      let last = bounds.last.flatMap({ UInt64($0) }), first <= last
    else { return nil }
    return .packets(first...last)
  }

  private static func kind(_ name: Substring) -> UInt8? {
    if let kind = MessageKind.kind(named: name.lowercased()) { return kind }
    guard name.hasPrefix("type"), let kind = UInt8(name.dropFirst(4)), kind < MessageKind.limit else {
      return nil
    }
    return kind
  }

  private static func burst(_ value: Substring, in part: String) throws(ImpairmentError) -> LossModel {
    let items = value.split(separator: ",", omittingEmptySubsequences: false)
    guard items.count == 2, let loss = try Quantity.probability(items[0]), let run = Quantity.number(items[1])
    else {
      throw .unreadable(part: part, expected: "mean loss and mean run length, e.g. burst:5%,8")
    }
    return .burst(meanLoss: loss, meanRunLength: run)
  }

  private static func gilbertElliott(
    _ value: Substring, in part: String
  ) throws(ImpairmentError) -> LossModel {
    var items: [Double] = []
    for item in value.split(separator: ",", omittingEmptySubsequences: false) {
      if let probability = try Quantity.probability(item) { items.append(probability) }
    }
    guard items.count == 4, value.count(where: { $0 == "," }) == 3 else {
      throw .unreadable(
        part: part,
        expected: "good-to-bad, bad-to-good, loss when good, loss when bad, e.g. ge:2%,20%,0.1%,40%")
    }
    return .gilbertElliott(toBad: items[0], toGood: items[1], lossGood: items[2], lossBad: items[3])
  }

  private static func probability(
    _ value: Substring, in part: String, example: String
  ) throws(ImpairmentError) -> Double {
    guard let probability = try Quantity.probability(value) else {
      throw .unreadable(part: part, expected: "a probability, e.g. \(example)")
    }
    return probability
  }

  private static func duration(
    _ value: Substring, in part: String, example: String
  ) throws(ImpairmentError) -> UInt64 {
    do { return try Quantity.nanoseconds(value) } catch {
      throw .badQuantity(part: part, error, example: example)
    }
  }
}
