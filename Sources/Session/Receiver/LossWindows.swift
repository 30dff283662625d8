package import Ground

extension LossDetector {
  /// How long things may take before something is lost.
  package struct Windows: Sendable {
    /// The time without any arrival after which a missing packet is lost, however few packets arrived after
    /// it.
    package var quiet: Nanoseconds
    /// What the path's reordering asks for; 0 where there is none.
    package var reordering: Nanoseconds
    /// A NACK without a notice.
    package var patience: Nanoseconds
    /// The same, from the answer to a later NACK on.
    package var passed: Nanoseconds

    /// `passed`: `patience` unless told.
    package init(
      quiet: Nanoseconds, reordering: Nanoseconds = 0, patience: Nanoseconds, passed: Nanoseconds? = nil
    ) {
      self.quiet = quiet
      self.reordering = reordering
      self.patience = patience
      self.passed = passed ?? patience
    }
  }
}
