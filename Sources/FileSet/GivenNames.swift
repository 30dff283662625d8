/// The names that a session has given to files, for file systems in which names that differ only in letter
/// case or Unicode form are one file (FAT, exFAT).
struct GivenNames {
  private var names: [String: String] = [:]

  mutating func add(_ name: String) { names[Self.key(name)] = name }

  /// The name given before that may be the same file as `name`.
  func other(for name: String) -> String? { names[Self.key(name)] }

  /// Mapping to upper case and then to lower case also unites names that either mapping alone keeps apart
  /// ("ß" and "SS", "ς" and "σ"). Swift compares and hashes strings by canonical equivalence already.
  private static func key(_ name: String) -> String { name.uppercased().lowercased() }
}
