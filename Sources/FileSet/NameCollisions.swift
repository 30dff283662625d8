/// Finds names that would be one file at a receiver whose file system ignores letter case or Unicode form.
enum NameCollisions {
  /// The first two names that collide, or nil.
  ///
  /// Two names collide when they are equal after full case mapping and canonical (NFC) equivalence, or when one is a
  /// folder on the other's path. Swift compares and hashes strings by canonical equivalence already.
  static func first(in names: some Sequence<String>) -> (String, String)? {
    var seen: [String: String] = [:]
    for name in names {
      if let other = seen.updateValue(name, forKey: key(name)) { return (other, name) }
    }
    for name in seen.values where name.utf8.contains(UInt8(ascii: "/")) {
      for folder in folders(of: name) {
        if let other = seen[key(folder)] { return (other, name) }
      }
    }
    return nil
  }

  /// Mapping up, then down, folds what either mapping alone leaves apart ("ß" and "SS", "ς" and "σ").
  private static func key(_ name: String) -> String {
    name.uppercased().lowercased()
  }

  /// "a/b/c.jpg" → "a", "a/b".
  private static func folders(of name: String) -> [String] {
    var result: [String] = []
    for index in name.utf8.indices where name.utf8[index] == UInt8(ascii: "/") {
      result.append(String(name[..<index]))
    }
    return result
  }
}
