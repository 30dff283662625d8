/// A session's datagrams between a sender and a receiver, joined from the traces of both, or of one.
package struct Ladder: Sendable {
  package let session: TraceSummary.Session
  package let hasSender: Bool
  package let hasReceiver: Bool
  /// In the order of their first appearance.
  package let datagrams: [LadderDatagram]
  /// Datagrams of other receivers, which are not in it.
  package let otherCount: Int
  /// Receivers that answer the sender; with the trace of a receiver it is this one.
  package let receiverCount: Int

  /// Reads one trace, or those of a sender and its receiver in any order.
  package init(path: String, other: String? = nil) throws(TraceError) {
    let first = try LadderSide(path: path)
    guard let other else {
      self.init(sender: first.role == .sender ? first : nil, receiver: first.role == .receiver ? first : nil)
      return
    }
    let second = try LadderSide(path: other)
    guard first.role != second.role else {
      throw .notAPair(path, other, reason: "both are of a \(first.role.rawValue)")
    }
    guard first.session?.sessionID == second.session?.sessionID else {
      throw .notAPair(path, other, reason: "they are of different sessions")
    }
    let isFirstSender = first.role == .sender
    self.init(sender: isFirstSender ? first : second, receiver: isFirstSender ? second : first)
  }

  private init(sender: LadderSide?, receiver: LadderSide?) {
    session = (sender ?? receiver)?.session ?? TraceSummary.Session()
    hasSender = sender != nil
    hasReceiver = receiver != nil
    var joint = LadderJoint(sender: sender, receiver: receiver)
    joint.join()
    datagrams = joint.datagrams.enumerated()
      .sorted { ($0.element.firstAt, $0.offset) < ($1.element.firstAt, $1.offset) }.map(\.element)
    otherCount = joint.otherCount
    receiverCount = receiver == nil ? sender?.receivers.count ?? 1 : 1
  }

  /// Milliseconds from the first datagram to the last.
  package var span: ClosedRange<Double> {
    let first = datagrams.first?.firstAt ?? 0
    return first...max(first, datagrams.map(\.lastAt).max() ?? first)
  }
}

/// Joins what both sides say of a datagram, by its packet number and direction.
private struct LadderJoint {
  private struct Key: Hashable {
    var isFromSender: Bool
    var packetNumber: UInt64

    init(_ datagram: LadderDatagram) {
      isFromSender = datagram.isFromSender
      packetNumber = datagram.packetNumber
    }
  }

  /// Milliseconds that a datagram may wait in a socket.
  private static let longestWait = 100.0

  private let sender: LadderSide?
  private let receiver: LadderSide?
  /// What the receiver's trace names itself.
  private let own: String?
  private var places: [Key: Int] = [:]
  private(set) var datagrams: [LadderDatagram] = []
  private(set) var otherCount = 0

  init(sender: LadderSide?, receiver: LadderSide?) {
    self.sender = sender
    self.receiver = receiver
    own = receiver?.receivers.first
  }

  mutating func join() {
    let ahead = clock()
    let sides = [(sender, 0.0, receiver), (receiver, ahead, sender)]
    for (side, ahead, _) in sides { depart(side, ahead) }
    for (side, ahead, _) in sides { arrive(side, ahead) }
    guard let sender, let receiver else { return }
    lose(isFromSender: true, between: -ahead - start, and: receiver.end - ahead - start)
    lose(isFromSender: false, between: -start, and: sender.end - start)
  }

  /// Milliseconds by which the receiver's clock is ahead of the sender's.
  private func clock() -> Double {
    guard let sender, let receiver else { return 0 }
    var clock = LadderClock()
    let there = Self.departures(of: sender)
    for entry in receiver.entries where entry.event != .sent && entry.datagram.isFromSender {
      guard let sent = there[Key(entry.datagram)], sent.type == entry.datagram.type else { continue }
      clock.addThere(sent: sent.time, arrived: entry.time)
    }
    let back = Self.departures(of: receiver)
    for entry in sender.entries where entry.event != .sent && !entry.datagram.isFromSender {
      guard isOurs(entry.datagram), let sent = back[Key(entry.datagram)], sent.type == entry.datagram.type
      else { continue }
      clock.addBack(sent: sent.time, arrived: entry.time)
    }
    let wallClock = sender.wallClock.flatMap { mine in receiver.wallClock.map { mine - $0 } }
    return clock.ahead(wallClock: wallClock)
  }

  private static func departures(of side: LadderSide) -> [Key: (type: String, time: Double)] {
    var found: [Key: (type: String, time: Double)] = [:]
    for entry in side.entries where entry.event == .sent {
      found[Key(entry.datagram)] = (entry.datagram.type, entry.time)
    }
    return found
  }

  /// A sender hears all receivers. Those of whom it knows that they are others are left out.
  private func isOurs(_ datagram: LadderDatagram) -> Bool {
    datagram.isFromSender || own == nil || datagram.receiver == nil || datagram.receiver == own
  }

  private mutating func depart(_ side: LadderSide?, _ ahead: Double) {
    guard let side else { return }
    let isSender = side.role == .sender
    for entry in side.entries where entry.datagram.isFromSender == isSender {
      let time = entry.time - ahead - start
      switch entry.event {
      case .sent:
        var datagram = entry.datagram
        datagram.sentAt = time
        places[Key(datagram)] = datagrams.count
        datagrams.append(datagram)
      case .dropped: if let place = places[Key(entry.datagram)] { datagrams[place].loss = .leaving }
      case .received, .damaged: break
      }
    }
  }

  private mutating func arrive(_ side: LadderSide?, _ ahead: Double) {
    guard let side else { return }
    let isSender = side.role == .sender
    for entry in side.entries where entry.datagram.isFromSender != isSender {
      guard isOurs(entry.datagram) else {
        otherCount += 1
        continue
      }
      take(entry, at: entry.time - ahead - start, hasOther: isSender ? receiver != nil : sender != nil)
    }
  }

  /// An arrival, or a loss at the side that it reached.
  private mutating func take(_ entry: LadderSide.Entry, at time: Double, hasOther: Bool) {
    var datagram = entry.datagram
    if let place = places[Key(datagram)], datagrams[place].type == datagram.type {
      // A second copy is a datagram of its own.
      let isFirst = datagrams[place].arrivedAt == nil && datagrams[place].lostAt == nil
      guard !isFirst else {
        datagrams[place].note(entry.event, at: time)
        return
      }
      datagram = datagrams[place]
      datagram.arrivedAt = nil
      datagram.lostAt = nil
      datagram.loss = nil
    } else if hasOther {
      // The other side did not send it: another receiver did, or the header is damaged.
      otherCount += entry.event == .damaged ? 0 : 1
      return
    }
    datagram.note(entry.event, at: time)
    datagrams.append(datagram)
  }

  /// What one side sent while the other side listened, and did not receive, was lost between them. Before and
  /// behind that time nothing is known: a datagram may have waited in the socket of a program that ended.
  private mutating func lose(isFromSender: Bool, between first: Double, and end: Double) {
    let indices = datagrams.indices.filter { datagrams[$0].isFromSender == isFromSender }
    let heard = indices.filter { datagrams[$0].arrivedAt != nil }.compactMap { datagrams[$0].sentAt }.max()
    let last = max(heard ?? -.infinity, end - Self.longestWait)
    for index in indices {
      guard let sentAt = datagrams[index].sentAt, datagrams[index].arrivedAt == nil,
        datagrams[index].loss == nil, first <= sentAt, sentAt <= last
      else { continue }
      datagrams[index].loss = .underway
    }
  }

  /// Where the times of the picture begin, by the clock of the sender, or of the only trace.
  private var start: Double { sender?.start ?? receiver?.start ?? 0 }
}

extension LadderDatagram {
  fileprivate mutating func note(_ event: LadderSide.Event, at time: Double) {
    switch event {
    case .sent: break
    case .received: arrivedAt = time
    case .dropped:
      lostAt = time
      loss = .arriving
    case .damaged:
      lostAt = time
      loss = .damaged
    }
  }
}
