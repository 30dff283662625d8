/// How a traced session ended: `outcome` of its last event, Specs/trace.md §2.
package enum TraceOutcome: String, CaseIterable, Sendable {
  case finished
  /// Files failed.
  case partial
  /// By the writer's own side.
  case cancelled
  /// By the other side.
  case aborted
  case senderSilent = "sender_silent"
  case senderStalled = "sender_stalled"
  case nobodyListening = "nobody_listening"
  case pathTooNarrow = "path_too_narrow"
  /// The writer closed its trace before the session had an end.
  case closed
}
