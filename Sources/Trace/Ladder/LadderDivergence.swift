import Figures

/// The first datagram in which two sessions differ, by its contents or by its fate.
///
/// The third NACK of one session is compared with the third NACK of the other one, and so on for each kind of
/// datagram. Times are left out, and how often announces, reports and ends were repeated, because these
/// differ between any two sessions with real sockets.
package struct LadderDivergence: Sendable {
  /// Its place in each ladder's datagrams; nil when the session has no such datagram.
  package let first: Int?
  package let second: Int?
  /// The kind, and its number among those of its kind, from 1.
  package let kind: String
  package let number: Int

  private struct Kind: Hashable {
    var isFromSender: Bool
    var name: String
  }

  /// Nil when the sessions do not differ.
  package init?(_ first: Ladder, _ second: Ladder) {
    let (ours, theirs) = (Self.kinds(first), Self.kinds(second))
    var found: (time: Double, divergence: Self)?
    for kind in Set(ours.keys).union(theirs.keys) {
      guard let one = Self.first(kind, ours[kind] ?? [], theirs[kind] ?? [], first, second) else { continue }
      let time =
        one.first.map { first.datagrams[$0].firstAt } ?? one.second.map { second.datagrams[$0].firstAt } ?? 0
      if found.map({ (time, one.kind) < ($0.time, $0.divergence.kind) }) ?? true { found = (time, one) }
    }
    guard let found else { return nil }
    self = found.divergence
  }

  private init(first: Int?, second: Int?, kind: String, number: Int) {
    self.first = first
    self.second = second
    self.kind = kind
    self.number = number
  }

  private static func kinds(_ ladder: Ladder) -> [Kind: [Int]] {
    Dictionary(grouping: ladder.datagrams.indices) { index in
      let datagram = ladder.datagrams[index]
      return Kind(isFromSender: datagram.isFromSender, name: datagram.name)
    }
  }

  /// The first difference among the datagrams of one kind.
  private static func first(
    _ kind: Kind, _ ours: [Int], _ theirs: [Int], _ first: Ladder, _ second: Ladder
  ) -> Self? {
    for (number, (one, other)) in zip(ours, theirs).enumerated()
    where !isSame(first.datagrams[one], second.datagrams[other]) {
      return Self(first: one, second: other, kind: kind.name, number: number + 1)
    }
    let shared = min(ours.count, theirs.count)
    guard ours.count != theirs.count, counts(kind) else { return nil }
    return Self(
      first: ours.count > shared ? ours[shared] : nil, second: theirs.count > shared ? theirs[shared] : nil,
      kind: kind.name, number: shared + 1)
  }

  /// Whether a session with more datagrams of this kind is another one. Others are repeated as time passes.
  private static func counts(_ kind: Kind) -> Bool {
    ["data", "repair", "parity", "parity repair", "NACK"].contains(kind.name)
  }

  private static func isSame(_ one: LadderDatagram, _ other: LadderDatagram) -> Bool {
    one.chunk == other.chunk && one.ranges == other.ranges && one.loss == other.loss
  }

  /// The datagram that is marked in a ladder, or the one behind which the other session has one more.
  func mark(in ladder: Ladder, _ own: Int?, other: LadderDatagram?) -> LadderFrame.Mark? {
    if let own { return LadderFrame.Mark(index: own, isAbsent: false) }
    guard let other else { return nil }
    return ladder.datagrams.lastIndex { $0.firstAt <= other.firstAt }
      .map { LadderFrame.Mark(index: $0, isAbsent: true) }
  }
}
