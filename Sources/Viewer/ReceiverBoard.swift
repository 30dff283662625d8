/// How the receivers of a sender fare, at one moment: what its window draws. The program that sends makes it.
package struct ReceiverBoard: Sendable, Equatable {
  /// How a receiver fares.
  package enum State: Sendable, Equatable {
    /// It is there, and nothing flows to it yet.
    case here
    case receiving
    /// Of several it is the one that has least.
    case slowest
    case whole
    /// It is given up, or ended the session itself; the row's note says why.
    case lost

    package var word: String {
      switch self {
      case .here: "is here"
      case .receiving: "receiving"
      case .slowest: "slowest"
      case .whole: "has everything"
      case .lost: "not whole"
      }
    }
  }

  /// A piece of the set.
  package struct Cell: Sendable, Equatable {
    package var state: CellState
    /// The part that was sent, for `.partial`.
    package var fraction: Double

    package init(_ state: CellState, fraction: Double = 0) {
      self.state = state
      self.fraction = fraction
    }
  }

  /// Pieces that a row has.
  package static let cellCount: UInt64 = 48

  package struct Row: Sendable, Equatable {
    package var name: String
    package var address: String
    package var state: State
    /// In [0, 1].
    package var fraction: Double
    /// The set in pieces of equal size, as the sender knows that they fare; empty where nothing is known of
    /// single chunks.
    package var cells: [Cell] = []
    /// In [0, 1]; nil while unknown, as the next ones.
    package var lossFraction: Double?
    package var bytesPerSecond: Double?
    package var rttMilliseconds: Double?
    /// How it is served, or why it is lost; empty: nothing to say.
    package var note: String

    package init(
      name: String, address: String, state: State, fraction: Double, lossFraction: Double? = nil,
      bytesPerSecond: Double? = nil, rttMilliseconds: Double? = nil, note: String = ""
    ) {
      self.name = name
      self.address = address
      self.state = state
      self.fraction = fraction
      self.lossFraction = lossFraction
      self.bytesPerSecond = bytesPerSecond
      self.rttMilliseconds = rttMilliseconds
      self.note = note
    }

    /// "4.1 MB/s · 3.2 % lost · RTT 1.2 ms".
    var figures: String {
      var words: [String] = []
      if let bytesPerSecond, bytesPerSecond >= 1 {
        words.append(DisplayText.byteCount(UInt64(min(1e18, bytesPerSecond))) + "/s")
      }
      if let lossFraction { words.append("\(DisplayText.percent(lossFraction)) lost") }
      if let rttMilliseconds {
        let micros = UInt64(min(max(0, rttMilliseconds), 1e9) * 1_000)
        words.append(
          micros < 1_000 ? "RTT \(micros) µs" : "RTT \(micros / 1_000).\(micros % 1_000 / 100) ms")
      }
      return words.joined(separator: " · ")
    }
  }

  /// What is sent: "12 files, 35 MB".
  package var title: String
  package var rows: [Row]
  /// Receivers that have no row, as there are too many.
  package var furtherCount = 0
  /// Enter starts with those that are here.
  package var canStart = false
  package var traffic: Traffic?

  package init(title: String, rows: [Row]) {
    self.title = title
    self.rows = rows
  }

  /// "3 receivers: 1 has everything, 1 is lost".
  package var summary: String {
    let count = rows.count + furtherCount
    let all = count == 1 ? "1 receiver" : "\(count) receivers"
    let whole = rows.count { $0.state == .whole }
    let lost = rows.count { $0.state == .lost }
    var words: [String] = []
    if whole > 0 { words.append("\(whole) \(whole == 1 ? "has" : "have") everything") }
    if lost > 0 { words.append("\(lost) not whole") }
    return words.isEmpty ? all : "\(all): " + words.joined(separator: ", ")
  }
}
