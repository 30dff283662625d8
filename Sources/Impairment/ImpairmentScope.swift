/// The datagrams that a text such as `out: loss 5%` or `r2 in: 20%` applies to, as the command line takes it.
package struct ImpairmentScope: Equatable, Sendable {
  /// As the side that impairs sees it.
  package enum Way: String, Sendable {
    case out
    case `in`
  }

  /// One of several receivers: `r2` is the second; or the name of its host as the user typed it; nil for all
  /// receivers.
  package var receiver: String?
  /// Nil: each way.
  package var way: Way?

  package init(receiver: String? = nil, way: Way? = nil) {
    self.receiver = receiver
    self.way = way
  }

  /// Removes the scope from a text. `hosts`: the receivers' names, for users who write these instead of `r2`.
  package static func split(_ text: String, hosts: [String] = []) -> (scope: ImpairmentScope, text: String) {
    guard let colon = text.firstIndex(of: ":") else { return (ImpairmentScope(), text) }
    var scope = ImpairmentScope()
    let words = text[..<colon].split(separator: " ").map(String.init)
    for word in words {
      if let way = Way(rawValue: word), scope.way == nil {
        scope.way = way
      } else if scope.receiver == nil, number(word) != nil || hosts.contains(word) {
        scope.receiver = word
      } else {
        return (ImpairmentScope(), text)  // the name of a setting, as in loss:5%
      }
    }
    return words.isEmpty ? (scope, text) : (scope, String(text[text.index(after: colon)...]))
  }

  /// Whether the scope includes the receiver with this index (from 0), whose host is `host`.
  package func covers(receiver index: Int, host: String) -> Bool {
    guard let receiver else { return true }
    return receiver == host || Self.number(receiver) == index + 1
  }

  /// The number of `r1`, `r2`, …; nil for anything else.
  package static func number(_ word: String) -> Int? {
    guard word.hasPrefix("r"), let number = Int(word.dropFirst()), number > 0 else { return nil }
    return number
  }
}
