/// A part of an impairment in plain words: `loss 5%`, `drop datagram 17`, `drop the first NACK`, `drop every
/// end message`. It is only another way to write the parts of ``ImpairmentParser``.
enum ImpairmentPhrase {
  private static let settings = [
    "loss", "burst", "ge", "delay", "jitter", "dup", "corrupt", "truncate", "reorder", "rate",
    "buffer", "mark", "outage",
  ]
  private static let ordinals = ["first": 1, "second": 2, "third": 3]

  /// The part in the form that ``ImpairmentParser`` reads; nil for a text that is no known phrase.
  static func canonical(_ part: Substring) -> String? {
    guard !part.contains(":") else { return nil }
    let words = part.lowercased().replacing(",", with: " , ").split(separator: " ").map(String.init)
    guard words.count > 1, let first = words.first else { return nil }
    if settings.contains(first) { return "\(first):\(words.dropFirst().joined())" }
    let isDrop = first == "drop"
    guard isDrop || ["the", "every", "all", "datagram", "datagrams"].contains(first) else { return nil }
    let items = words.dropFirst(isDrop ? 1 : 0).split { $0 == "," || $0 == "and" }.map { item(Array($0)) }
    let known = items.compactMap(\.self)
    return known.count == items.count && !known.isEmpty ? "drop:" + known.joined(separator: ",") : nil
  }

  /// `datagram 17`, `the first nack`, `every end message`, `17`.
  private static func item(_ words: [String]) -> String? {
    var words = words.filter { !["the", "message", "messages", "datagram", "datagrams"].contains($0) }
    if words.count == 1, let only = words.first, only.first?.isNumber == true { return only }
    guard words.count == 2, let kind = kind(words.removeLast()), let which = words.first else { return nil }
    if which == "every" || which == "all" { return "\(kind)*" }
    let number = ordinals[which] ?? Int(which.prefix { $0.isNumber })
    return number.map { "\(kind)#\($0)" }
  }

  /// The type's name; also of several.
  private static func kind(_ word: String) -> String? {
    [word, word.hasSuffix("s") ? String(word.dropLast()) : word].first { MessageKind.kind(named: $0) != nil }
  }
}
