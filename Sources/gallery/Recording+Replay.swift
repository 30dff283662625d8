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
