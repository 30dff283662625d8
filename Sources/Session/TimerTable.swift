/// All deadlines of a machine in one table, indexed by the machine's timer names.
struct TimerTable<Name: RawRepresentable & CaseIterable & Sendable>: Sendable where Name.RawValue == Int {
  private var deadlines: [Instant]

  init() { deadlines = Array(repeating: .never, count: Name.allCases.count) }

  subscript(name: Name) -> Instant {
    get { deadlines[name.rawValue] }
    set { deadlines[name.rawValue] = newValue }
  }

  func isDue(_ name: Name, now: Instant) -> Bool { deadlines[name.rawValue] <= now }
  mutating func disarm(_ name: Name) { deadlines[name.rawValue] = .never }
  mutating func disarmAll() { for i in deadlines.indices { deadlines[i] = .never } }
  var earliest: Instant { deadlines.reduce(.never) { min($0, $1) } }

  func earliest(except name: Name) -> Instant {
    var earliest = Instant.never
    for index in deadlines.indices where index != name.rawValue { earliest = min(earliest, deadlines[index]) }
    return earliest
  }
}
