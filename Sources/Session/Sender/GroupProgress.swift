package import Ground

/// How far a group has come, over time: the measure by which a member is behind the others,
/// Specs/chunked-udp.md §6.7. Its clock runs only while the group gets on, so that an outage of all, or of
/// this process, makes nobody late.
package struct GroupProgress: Sendable {
  /// The clock runs for this long after the last progress, at most.
  private static let longestStep: Nanoseconds = .seconds(2)
  /// Marks that are kept. When there are more, every second one is dropped, so that they cover any time.
  private static let maximumMarkCount = 1_024

  private struct Mark: Sendable {
    var chunksHeld: UInt64
    var at: Nanoseconds
  }

  /// The group's own time.
  package private(set) var clock: Nanoseconds = 0
  private var chunksHeld: UInt64 = 0
  /// Ascending in both fields.
  private var marks: [Mark] = []
  /// Between two marks, at least.
  private var spacing: Nanoseconds = 0
  private var progressAt: Instant
  /// The group has everything. From then on the clock runs all the time.
  private var isDone = false

  package init(now: Instant) { progressAt = now }

  /// The chunks that the group holds now; `isDone`: these are all.
  package mutating func note(chunksHeld: UInt64, isDone: Bool, now: Instant) {
    let hasProgressed = chunksHeld > self.chunksHeld
    guard hasProgressed || self.isDone || isDone else { return }
    clock += min(now - progressAt, Self.longestStep)
    progressAt = now
    self.isDone = self.isDone || isDone
    guard hasProgressed else { return }
    self.chunksHeld = chunksHeld
    guard self.isDone || clock >= (marks.last?.at ?? 0) + spacing else { return }
    marks.append(Mark(chunksHeld: chunksHeld, at: clock))
    guard marks.count > Self.maximumMarkCount else { return }
    marks = marks.indices.lazy.filter { $0 % 2 == 0 }.map { marks[$0] }
    spacing = clock / UInt64(marks.count)
  }

  /// How long ago, by its clock, the group held more than this member does now; 0 when it does not.
  package func timeBehind(chunksHeld: UInt64) -> Nanoseconds {
    var (low, high) = (0, marks.count)
    while low < high {
      let middle = (low + high) / 2
      if marks[middle].chunksHeld > chunksHeld { high = middle } else { low = middle + 1 }
    }
    return low < marks.count ? clock - marks[low].at : 0
  }
}
