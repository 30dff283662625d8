/// What one run of a case showed.
struct CheckAttempt {
  /// Plain sentences; none when the program did what Specs ask for.
  var faults: [String]
  /// The datagrams that were treated, and how.
  var touched: [DatagramName: String]
  /// What the program printed last.
  var output: String
}

/// What a run left, for `CheckJudge`.
package struct CheckTraces {
  /// The exit code of the program under test; nil when it was ended because its time was over.
  package var programStatus: Int32?
  /// The same of Gallery's side.
  package var gallerySideStatus: Int32?
  /// The receiver's folder. Nothing but it lies in the folder above it.
  package var inbox: String
  /// The naive datagrams (over TCP: connections) that the sender sent, and those that were handed on.
  package var arrived: [[UInt8]] = []
  package var delivered: [[UInt8]] = []
  /// Over TCP: the bytes that the receiver sent to the sender.
  package var answerByteCount = 0
  /// Before the last datagram that the sender sent.
  package var lastGapSeconds = 0.0
  /// For how long a program may run.
  package var limitSeconds: Double

  package init(inbox: String, limitSeconds: Double) {
    self.inbox = inbox
    self.limitSeconds = limitSeconds
  }
}
