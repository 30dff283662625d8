/// A number with its noun: `1 datagram`, `2 datagrams`. Only this type chooses between singular and plural.
package enum Counted {
  package static func text(_ count: some BinaryInteger, _ one: String, _ many: String) -> String {
    "\(count) \(count == 1 ? one : many)"
  }

  /// For a noun whose plural ends in s.
  package static func text(_ count: some BinaryInteger, _ one: String) -> String {
    text(count, one, one + "s")
  }
}
