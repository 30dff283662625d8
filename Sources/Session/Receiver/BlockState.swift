import Ground

/// What a receiver knows of one block that is not whole, Specs/chunked-udp.md §6.5.
struct BlockState: Sendable {
  var missing: Int
  var symbols = SymbolSet()
  /// Of its chunks at least one is lost. Otherwise only symbols or promises are known of it.
  var isLost = false
  /// It waits to be asked for.
  var isDue = false
  var isRebuilding = false
  /// Symbols and chunks of it that were promised, and that have not passed.
  var promised = 0
  /// When it was asked for last, and how many of the repairs asked for no notice has promised.
  var askedAt = Instant.zero
  var unpromised = 0

  var need: Int { max(0, missing - symbols.count) }
  /// Symbols that stand for missing chunks.
  var useful: Int { min(missing, symbols.count) }
  var isAskedFor: Bool { unpromised > 0 }
}
