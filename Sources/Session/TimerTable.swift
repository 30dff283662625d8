package import Ground

/// All deadlines of a machine in one table, indexed by the machine's timer names.
package struct TimerTable<Name: RawRepresentable & CaseIterable & Sendable>: Sendable
where Name.RawValue == Int {
  private var deadlines: [Instant]

  package init() { deadlines = Array(repeating: .never, count: Name.allCases.count) }

  package subscript(name: Name) -> Instant {
    get { deadlines[name.rawValue] }
    set { deadlines[name.rawValue] = newValue }
  }

  package func isDue(_ name: Name, now: Instant) -> Bool { deadlines[name.rawValue] <= now }
  package mutating func disarm(_ name: Name) { deadlines[name.rawValue] = .never }
  package mutating func disarmAll() { for i in deadlines.indices { deadlines[i] = .never } }
  package var earliest: Instant { deadlines.reduce(.never) { min($0, $1) } }

  package func earliest(except name: Name) -> Instant {
    var earliest = Instant.never
    for index in deadlines.indices where index != name.rawValue { earliest = min(earliest, deadlines[index]) }
    return earliest
  }
}
