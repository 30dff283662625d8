import Synchronization

/// A recorded session that can be looked at as it was after any of its datagrams.
///
/// Thread-safe. Memory: 32 bytes a datagram, and some states on the way.
package final class Replay: Sendable {
  /// What was counted up to a time, for the picture of rates.
  package struct Sample: Sendable {
    /// Since the start.
    package var seconds: Double
    package var counts: ReplayCounts

    package init(seconds: Double, counts: ReplayCounts) {
      self.seconds = seconds
      self.counts = counts
    }
  }

  package let role: TraceRole
  package let session: TraceSummary.Session
  /// By their first chunk. Empty where the trace names none.
  package let files: [TracedFile]
  /// The word of the trace; nil where it was cut off.
  package let outcome: String?
  /// From the first event to the last.
  package let seconds: Double
  /// In order of time; a time for each 1/600 of a short session, each 50 ms of a long one.
  package let samples: [Sample]
  /// The trace has more datagrams than are kept.
  package let isCut: Bool
  /// Datagrams.
  package var stepCount: Int { steps.count }

  let steps: [ReplayStep]
  let effects: [ReplayEffect]
  private let start: Double
  /// The states after 0, `spacing`, 2 · `spacing` … steps.
  private let checkpoints: [ReplayState]
  private let spacing: Int
  /// Where somebody looked last.
  private let latest: Mutex<(position: Int, state: ReplayState)>

  private static let sampleLimit = 100_000

  /// Reads a trace. `progress` hears now and then how many bytes were read. Throws `cannotRead`, `notATrace`,
  /// and `noSession` when its session never began.
  package convenience init(path: String, progress: (UInt64) -> Void = { _ in }) throws(TraceError) {
    var reading = ReplayReading()
    try TraceReader(path: path).forEach(progress: progress) { reading.add($0) }
    guard let session = reading.session else { throw .noSession(path: path) }
    self.init(reading, session)
  }

  private init(_ reading: ReplayReading, _ session: TraceSummary.Session) {
    (role, steps, effects) = (reading.role, reading.steps, reading.effects)
    (self.session, outcome, isCut) = (session, reading.outcome, reading.isFull)
    files = reading.files.filter { !$0.chunks.isEmpty }.sorted {
      $0.chunks.lowerBound < $1.chunks.lowerBound
    }
    start = min(reading.start, reading.steps.first?.milliseconds ?? reading.start)
    seconds = max(0, (reading.end - start) / 1_000)
    // The maps of a very large set are large.
    let count = session.chunkCount > 1 << 24 ? 8 : 64
    spacing = max(1_024, (steps.count + count - 1) / count)
    // A trace may claim any number of chunks. Those that no datagram can name are not in the map.
    var state = ReplayState(chunkCount: min(session.chunkCount, 1 << 32))
    for effect in effects[..<Self.firstEffect(of: 0, steps, effects)] { state.apply(effect, role) }
    var (checkpoints, samples) = ([state], [Sample(seconds: 0, counts: state.counts)])
    let interval = max(seconds <= 30 ? seconds / 600 : 0.05, seconds / Double(Self.sampleLimit))
    for (place, step) in steps.enumerated() {
      let time = (step.milliseconds - start) / 1_000
      if let last = samples.last, time - last.seconds >= interval {
        samples.append(Sample(seconds: time, counts: state.counts))
      }
      state.apply(step, Self.effects(of: place, steps, effects), role)
      if (place + 1) % spacing == 0 { checkpoints.append(state) }
    }
    samples.append(Sample(seconds: seconds, counts: state.counts))
    (self.checkpoints, self.samples) = (checkpoints, samples)
    latest = Mutex((steps.count, state))
  }

  /// When a datagram was sent or arrived, in seconds since the start; `step` in 0 ..< `stepCount`.
  package func seconds(of step: Int) -> Double { (steps[step].milliseconds - start) / 1_000 }

  package func isNack(_ step: Int) -> Bool { steps[step].kind == .nack }

  /// The state after this number of datagrams, 0 ... `stepCount`.
  package func state(after count: Int) -> ReplayState {
    let count = min(max(0, count), steps.count)
    return latest.withLock { latest in
      let place = count / spacing
      if latest.position > count || latest.position < place * spacing {
        latest = (place * spacing, checkpoints[place])
      }
      while latest.position < count {
        latest.state.apply(steps[latest.position], effects(of: latest.position), role)
        latest.position += 1
      }
      return latest.state
    }
  }

  func effects(of step: Int) -> ArraySlice<ReplayEffect> { Self.effects(of: step, steps, effects) }

  private static func effects(
    of step: Int, _ steps: [ReplayStep], _ effects: [ReplayEffect]
  ) -> ArraySlice<ReplayEffect> {
    effects[firstEffect(of: step, steps, effects)..<firstEffect(of: step + 1, steps, effects)]
  }

  private static func firstEffect(of step: Int, _ steps: [ReplayStep], _ effects: [ReplayEffect]) -> Int {
    step < steps.count ? Int(steps[step].firstEffect) : effects.count
  }

  /// The file of a chunk; nil for the manifest's, and where the trace names none.
  package func file(ofChunk chunk: UInt64) -> TracedFile? {
    var (low, high) = (0, files.count)
    while low < high {
      let middle = (low + high) / 2
      if files[middle].chunks.upperBound <= chunk { low = middle + 1 } else { high = middle }
    }
    return low < files.count && files[low].chunks.contains(chunk) ? files[low] : nil
  }
}
