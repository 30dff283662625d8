/// The names that a session has given in an inbox where names that differ only in letter case or Unicode form are one
/// file (FAT, exFAT).
struct GivenNames {
  private var names: [String: String] = [:]

  mutating func add(_ name: String) { names[Self.key(name)] = name }

  /// The name given before that may be the same file as `name`.
  func other(for name: String) -> String? { names[Self.key(name)] }

  /// Mapping up, then down, folds what either mapping alone leaves apart ("ß" and "SS", "ς" and "σ"). Swift compares and
  /// hashes strings by canonical equivalence already.
  private static func key(_ name: String) -> String { name.uppercased().lowercased() }
}
