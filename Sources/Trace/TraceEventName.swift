/// Names of the events in a trace, Specs/trace.md §2.
package enum TraceEventName: String, CaseIterable, Sendable {
  case sessionStarted = "gallery:session_started"
  case datagramSent = "gallery:datagram_sent"
  case datagramReceived = "gallery:datagram_received"
  case datagramDropped = "gallery:datagram_dropped"
  case nackSent = "gallery:nack_sent"
  case nackReceived = "gallery:nack_received"
  case chunksUpdated = "gallery:chunks_updated"
  case filesNamed = "gallery:files_named"
  case metricsUpdated = "gallery:metrics_updated"
  case phaseChanged = "gallery:phase_changed"
  case sessionEnded = "gallery:session_ended"
}
