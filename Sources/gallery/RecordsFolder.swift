import FoundationEssentials

/// Where a receiver remembers the files that it has verified: in this user's cache, as the XDG base directory
/// specification names it.
enum RecordsFolder {
  /// Nil when the user has no home.
  static var path: String? {
    let environment = ProcessInfo.processInfo.environment
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return cache + "/gallery/received" }
    return environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 + "/.cache/gallery/received" : nil }
  }
}
