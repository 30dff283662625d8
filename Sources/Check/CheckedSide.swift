/// Which side of a transfer the program under test plays. Gallery plays the other one.
package enum CheckedSide: String, CaseIterable, Codable, Sendable {
  case receiver
  case sender
}

/// How much is asked of a program, Specs/check.md.
package enum CheckProfile: String, CaseIterable, Codable, Sendable {
  /// What Specs/chunked-udp.md §6.11 requires, and the naive protocol as a course writes it.
  case minimal
  /// The cases of `minimal`, and others.
  case full

  /// Whether this profile has the cases of the other one.
  package func includes(_ other: CheckProfile) -> Bool { self == .full || other == .minimal }
}
