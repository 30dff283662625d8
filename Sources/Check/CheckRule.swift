package import Wire

/// What happens to some datagrams of a case, by their names.
package struct CheckRule: Equatable, Sendable {
  package let which: Which
  package let treatment: Treatment

  package init(_ which: Which, _ treatment: Treatment) {
    self.which = which
    self.treatment = treatment
  }

  package enum Which: Equatable, Sendable {
    /// The datagrams of a kind, by their place among these, from 1.
    case kind(MessageType, ClosedRange<Int>)
    /// The sendings of a chunk, from 1.
    case chunk(UInt32, ClosedRange<Int>)
    /// Of the naive protocol, from 0.
    case datagram(Int)
    /// This part of all, at random: the seed and the name decide.
    case share(Double)
    /// The datagrams of all kinds, both ways.
    case all
  }

  package enum Treatment: Equatable, Sendable {
    case lost
    case doubled
    /// It is handed on behind this number of further datagrams of its direction.
    case overtaken(by: Int)
    /// One bit is flipped: the lowest of this byte.
    case damaged(byte: Int)
    /// Only its first bytes are handed on.
    case cut(to: Int)
    /// A changed copy goes in front of it.
    case preceded(CheckForgery)
    /// A changed copy goes behind it.
    case followed(CheckForgery)
    /// A changed copy takes its place.
    case replaced(CheckForgery)
  }

  /// Whether the case is none without it, so that a failure is not shrunk to runs without it.
  var isEssential: Bool { if case .replaced = treatment { true } else { false } }
}

extension CheckRule.Treatment: CustomStringConvertible {
  package var description: String {
    switch self {
    case .lost: "lost"
    case .doubled: "doubled"
    case .overtaken: "overtaken"
    case .damaged: "one bit flipped"
    case .cut(let byteCount): "cut to \(byteCount) bytes"
    case .preceded(let forgery): "behind \(forgery)"
    case .followed(let forgery): "in front of \(forgery)"
    case .replaced(let forgery): "replaced by \(forgery)"
    }
  }
}
