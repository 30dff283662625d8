/// One finding of the doctor, and the command for it.
package struct Finding: Equatable, Codable, Sendable {
  package enum Status: String, Codable, Sendable {
    case fine
    /// It may work, worse than it could, or not for everybody.
    case doubtful
    /// It will not work.
    case broken
  }

  package var status: Status
  /// The subject: one or two words.
  package var subject: String
  package var text: String
  /// The command that fixes it; nil when there is nothing to fix.
  package var mend: String?

  package static func fine(_ subject: String, _ text: String) -> Finding {
    Finding(status: .fine, subject: subject, text: text, mend: nil)
  }

  package static func doubtful(_ subject: String, _ text: String, mend: String?) -> Finding {
    Finding(status: .doubtful, subject: subject, text: text, mend: mend)
  }

  package static func broken(_ subject: String, _ text: String, mend: String?) -> Finding {
    Finding(status: .broken, subject: subject, text: text, mend: mend)
  }

  /// For people: a mark, the subject, the finding; the command on a line of its own.
  package var lines: String {
    let mark =
      switch status {
      case .fine: "✓"
      case .doubtful: "!"
      case .broken: "✗"
      }
    return "\(mark) \(subject): \(text)" + (mend.map { "\n    → \($0)" } ?? "")
  }
}
