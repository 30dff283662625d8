import Figures
import Session
package import Trace
package import Viewer

extension Recording {
  /// What the window replays of a trace. `name`: the file's.
  package init(_ replay: Replay, name: String) {
    let words = [name, replay.role.rawValue, replay.session.mode, replay.isCut ? "its beginning" : ""]
    self.init(
      title: words.filter { !$0.isEmpty }.joined(separator: " · "), stepCount: replay.stepCount,
      seconds: replay.seconds, samples: replay.samples.map(Traffic.Sample.init),
      nackSeconds: Self.nackSeconds(replay), secondsOfStep: { replay.seconds(of: $0) },
      isNack: { replay.isNack($0) },
      moment: { count in
        Moment(
          delivery: DeliveryMap(replay, after: count), line: replay.line(after: count),
          counts: Traffic.Sample(Replay.Sample(seconds: 0, counts: replay.state(after: count).counts)))
      })
  }

  /// Two runs side by side, each at the same time since its own start.
  package init(_ one: Replay, _ two: Replay, names: (String, String)) {
    let (first, second) = (Recording(one, name: names.0), Recording(two, name: names.1))
    // Of the first this many datagrams lie in front of each datagram of both.
    var firsts: [UInt32] = []
    firsts.reserveCapacity(one.stepCount + two.stepCount + 1)
    var (left, right) = (0, 0)
    while left < one.stepCount || right < two.stepCount {
      firsts.append(UInt32(left))
      let isLeft =
        right == two.stepCount || left < one.stepCount && one.seconds(of: left) <= two.seconds(of: right)
      if isLeft { left += 1 } else { right += 1 }
    }
    firsts.append(UInt32(left))
    let counts = firsts
    let split: @Sendable (Int) -> (first: Int, second: Int) = { count in
      let first = Int(counts[min(max(0, count), counts.count - 1)])
      return (first, min(max(0, count), counts.count - 1) - first)
    }
    let isFirst: @Sendable (Int) -> Bool = { counts[$0 + 1] > counts[$0] }
    self.init(
      title: first.title, stepCount: counts.count - 1, seconds: max(one.seconds, two.seconds), samples: [],
      nackSeconds: (first.nackSeconds + second.nackSeconds).sorted(),
      secondsOfStep: { step in
        isFirst(step) ? one.seconds(of: split(step).first) : two.seconds(of: split(step).second)
      },
      isNack: { step in isFirst(step) ? one.isNack(split(step).first) : two.isNack(split(step).second) },
      moment: { count in
        let (left, right) = split(count)
        var moment = first.moment(left)
        let other = second.moment(right)
        moment.beside = Side(title: second.title, delivery: other.delivery, line: other.line)
        return moment
      })
    guard ReplayDifference.canCompare(one, two) else {
      comparison = "not compared: a sender and a receiver of different sessions"
      return
    }
    guard let found = ReplayDifference.first(one, two) else {
      comparison = "no difference: both have the same chunks, symbols and NACKs in the same order"
      return
    }
    let stepCount = counts.indices.first { count in
      let (left, right) = split(count)
      return left >= found.firstCount && right >= found.secondCount
    }
    let text = "first difference after \(Replay.time(found.seconds)); D goes there"
    comparison = text
    difference = Difference(stepCount: stepCount ?? counts.count - 1, seconds: found.seconds, text: text)
  }

  /// Of so many at most that the time line can show them.
  private static func nackSeconds(_ replay: Replay) -> [Double] {
    let nacks = (0..<replay.stepCount).filter(replay.isNack)
    let stride = max(1, nacks.count / 10_000)
    return nacks.indices.filter { $0 % stride == 0 }.map { replay.seconds(of: nacks[$0]) }
  }
}

extension DeliveryMap {
  /// The map as it was after this number of the trace's datagrams.
  package init(_ replay: Replay, after count: Int) {
    let state = replay.state(after: count)
    let files = replay.files
    let file: @Sendable (Int) -> File = { File(name: files[$0].name, chunks: files[$0].chunks) }
    if replay.role == .receiver {
      self.init(
        held: state.held, repaired: state.repaired, rebuilt: state.rebuilt, asked: state.asked,
        fileCount: files.count, file: file)
    } else {
      self.init(
        chunkCount: state.held.capacity, fileCount: files.count, file: file,
        counts: { chunks in
          var counts = Counts(total: UInt64(chunks.count), arrived: state.held.count(in: chunks))
          counts.repaired = state.repaired.count(in: chunks)
          counts.asked = state.asked.count(in: chunks)
          return counts
        })
      isOfSender = true
    }
    story = { replay.story(of: $0, after: count) }
  }
}

extension Traffic.Sample {
  init(_ sample: Replay.Sample) {
    self.init(
      seconds: sample.seconds, byteCount: sample.counts.byteCount, datagramCount: sample.counts.datagrams,
      lostCount: sample.counts.lost, nackCount: sample.counts.nacks)
  }
}
