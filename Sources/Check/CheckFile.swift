import Ground

/// A file of the set that a case transfers. Its bytes follow from its name and its length.
package struct CheckFile: Equatable, Sendable {
  package let name: String
  package let bytes: [UInt8]

  package init(_ name: String, _ byteCount: Int) {
    self.name = name
    let seed = name.utf8.reduce(UInt64(byteCount)) { SplitMix64.combine($0, UInt64($1)) }
    var generator = SplitMix64(seed: seed)
    bytes = (0..<byteCount).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
  }
}
