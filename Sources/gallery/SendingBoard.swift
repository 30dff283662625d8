import FileSet
import Session
package import Ground
package import Transport
package import Viewer

/// What a sender's window knows of its receivers: from what its sessions tell and from samples of them. Knows
/// no time of its own.
package struct SendingBoard: Sendable {
  private struct Row: Sendable {
    var row: ReceiverBoard.Row
    /// The session that served it last.
    var sessionID: UInt64?
    var isSettled = false
    /// How many bytes had arrived at some times, over about two seconds.
    var arrivals: [(seconds: Double, byteCount: Double)] = []
  }

  private let title: String
  private var rows: [String: Row] = [:]
  /// The identifiers of receivers, as they came.
  private var order: [String] = []
  private var samples: [UInt64: SendingSample] = [:]
  private var traffic = Traffic()
  private var firstStart: Instant?
  private var isOver = false
  private static let rateSeconds = 2.0

  package init(title: String) { self.title = title }

  // MARK: What is told

  package mutating func tell(_ event: TransferEvent) {
    switch event {
    case .found(let host):
      change(host.receiverID, name: host.name, address: host.address) { row in
        row.row.note = host.isBusy ? "busy with another session" : ""
      }
    case .joined(let join):
      change(join.receiverID, name: join.name, address: join.address) { row in
        row.row.state = .here
        row.isSettled = false
      }
    case .way(let way):
      change(way.receiverID, name: way.name, address: way.address) {
        $0.row.note = "\(way.mode): \(way.reason)"
      }
    case .unicast(let receiver):
      change(receiver.receiverID, name: receiver.name, address: receiver.address) { row in
        row.row.note = "by unicast: \(receiver.reason)"
        (row.row.state, row.isSettled) = (.receiving, false)
      }
    case .storage(let receiver):
      change(receiver.receiverID, name: receiver.name, address: receiver.address) { row in
        row.row.note = receiver.missingByteCount > 0 ? "its disk is full" : ""
      }
    case .lost(let receiver):
      change(receiver.receiverID, name: receiver.name, address: receiver.address) { row in
        (row.row.state, row.isSettled, row.row.note) = (.lost, true, receiver.reason)
        row.row.bytesPerSecond = nil
      }
    case .listening, .began, .progress, .arrived, .verified, .notice, .ended: break
    }
  }

  /// A session's receivers, as they are now.
  package mutating func take(_ sample: SendingSample) {
    samples[sample.sessionID] = sample
    if sample.hasStarted { firstStart = firstStart ?? sample.now }
    let all = Double(max(1, sample.chunkCount))
    for receiver in sample.receivers {
      change(receiver.id.hexadecimal, name: receiver.name, address: receiver.address) { row in
        Self.take(receiver, of: sample, all: all, into: &row)
      }
    }
    traffic.add(sum(at: sample.now))
  }

  private static func take(
    _ receiver: SendingSample.Receiver, of sample: SendingSample, all: Double, into row: inout Row
  ) {
    // Its own session fills its row.
    if receiver.isServedApart { return }
    row.sessionID = sample.sessionID
    let fraction = Double(receiver.chunksHeld) / all
    row.row.fraction = fraction
    row.row.cells = cells(of: receiver, sample)
    row.row.rttMilliseconds = receiver.rttNanoseconds.map { Double($0) / 1e6 } ?? row.row.rttMilliseconds
    if sample.hasStarted {
      let sent = max(1, sample.datagramCount, receiver.lostDatagramCount)
      row.row.lossFraction = Double(receiver.lostDatagramCount) / Double(sent)
    }
    let seconds = Double(sample.now.nanoseconds) / 1e9
    row.arrivals.append((seconds, fraction * Double(sample.fileByteCount)))
    row.arrivals.removeAll { $0.seconds < seconds - Self.rateSeconds || $0.seconds > seconds }
    if let first = row.arrivals.first, seconds > first.seconds, let last = row.arrivals.last {
      row.row.bytesPerSecond = max(0, last.byteCount - first.byteCount) / (seconds - first.seconds)
    }
    switch receiver.outcome {
    case .underWay:
      row.row.state = sample.hasStarted ? .receiving : .here
      row.isSettled = false
      if receiver.isLagging { row.row.note = "behind the others, which do not wait for it" }
    case .whole:
      (row.row.state, row.isSettled, row.row.bytesPerSecond) = (.whole, true, nil)
      row.row.note = ""
    default:
      (row.row.state, row.isSettled, row.row.bytesPerSecond) = (.lost, true, nil)
      row.row.note = receiver.reason ?? ""
    }
  }

  /// What was sent, and what this receiver asked for. Its reports count its chunks and do not name them, so
  /// that what it asked for counts as missing until it has everything.
  private static func cells(
    of receiver: SendingSample.Receiver, _ sample: SendingSample
  ) -> [ReceiverBoard.Cell] {
    let all = sample.chunkCount
    let count = min(all, ReceiverBoard.cellCount)
    return (0..<count).map { cell in
      let chunks = cell * all / count..<(cell + 1) * all / count
      let sent = min(chunks.upperBound, max(chunks.lowerBound, sample.sentChunkCount)) - chunks.lowerBound
      let isAskedFor = receiver.asked.map { $0.count(in: chunks) > 0 } ?? false
      if receiver.outcome.isWhole { return .init(isAskedFor ? .repaired : .arrived) }
      if isAskedFor { return .init(.asked) }
      if sent == 0 { return .init(.missing) }
      return sent < chunks.count
        ? .init(.partial, fraction: Double(sent) / Double(chunks.count)) : .init(.arrived)
    }
  }

  /// All sessions together, since the first started.
  private func sum(at now: Instant) -> Traffic.Sample {
    var sum = Traffic.Sample(seconds: 0, byteCount: 0, datagramCount: 0, lostCount: 0, nackCount: 0)
    sum.seconds = Double(now - (firstStart ?? now)) / 1e9
    for sample in samples.values {
      sum.byteCount += sample.byteCount
      sum.datagramCount += sample.datagramCount
      sum.nackCount += sample.nackCount
      // A datagram of a group that one receiver lost was lost once.
      sum.lostCount += sample.receivers.map(\.lostDatagramCount).max() ?? 0
    }
    return sum
  }

  private mutating func change(
    _ id: String, name: String, address: String, _ change: (inout Row) -> Void
  ) {
    if rows[id] == nil {
      guard order.count < SendingSample.receiverLimit else { return }
      order.append(id)
      rows[id] = Row(row: ReceiverBoard.Row(name: "", address: "", state: .here, fraction: 0))
    }
    guard var row = rows[id] else { return }
    if !name.isEmpty { row.row.name = name.printable }
    if !address.isEmpty { row.row.address = address }
    change(&row)
    rows[id] = row
  }

  /// Nothing moves any more.
  package mutating func end() {
    isOver = true
    for id in order {
      rows[id]?.row.bytesPerSecond = nil
      if let state = rows[id]?.row.state, state == .here || state == .receiving {
        rows[id]?.row.state = .lost
      }
    }
  }

  // MARK: What is shown

  /// `canWait`: the user can start it with those that are here.
  package func board(canWait: Bool) -> ReceiverBoard {
    var shown = order.compactMap { rows[$0]?.row }
    for place in shown.indices where shown[place].name.isEmpty {
      shown[place].name = shown[place].address.isEmpty ? "a receiver" : shown[place].address
    }
    let moving = shown.indices.filter { shown[$0].state == .receiving }
    if moving.count > 1, let least = moving.min(by: { shown[$0].fraction < shown[$1].fraction }),
      moving.contains(where: { shown[$0].fraction > shown[least].fraction })
    {
      shown[least].state = .slowest
    }
    var board = ReceiverBoard(title: title, rows: shown)
    board.furtherCount = max(0, (samples.values.map(\.receiverCount).max() ?? 0) - shown.count)
    board.canStart = canWait && !isOver && firstStart == nil && !shown.isEmpty
    board.traffic = firstStart == nil ? nil : traffic
    return board
  }
}
