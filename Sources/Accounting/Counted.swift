/// A number with its noun: `1 datagram`, `2 datagrams`. The only place that chooses between the two.
package enum Counted {
  package static func text(_ count: some BinaryInteger, _ one: String, _ many: String) -> String {
    "\(count) \(count == 1 ? one : many)"
  }

  /// Of a noun that takes an s.
  package static func text(_ count: some BinaryInteger, _ one: String) -> String {
    text(count, one, one + "s")
  }
}
