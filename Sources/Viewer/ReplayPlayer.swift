/// Where a replay stands, and how it moves. Knows only numbers; times are nanoseconds of the window's clock.
package struct ReplayPlayer: Sendable {
  /// Where a replay may begin.
  package enum Place: Sendable, Equatable {
    /// A part of the run, in [0, 1].
    case fraction(Double)
    case seconds(Double)
  }

  /// Seconds of the run in a second: 1, 2 and 5 in each power of ten.
  package static let speeds: [Double] = [
    0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100,
  ]
  private static let realTime = 12
  /// A whole run takes about this long, unless somebody chooses another speed.
  private static let usualSeconds = 15.0

  package let recording: Recording
  /// Datagrams before the present moment.
  package private(set) var stepCount = 0
  /// The present moment, in seconds since the start.
  package private(set) var seconds = 0.0
  package private(set) var isPlaying = false
  package private(set) var isBackwards = false
  private var speedIndex: Int
  private let usualIndex: Int
  private var movedAt: UInt64?

  package init(_ recording: Recording) {
    self.recording = recording
    let usual = recording.seconds / Self.usualSeconds
    usualIndex = Self.speeds.lastIndex { $0 <= usual } ?? 0
    speedIndex = usualIndex
  }

  package var speed: Double { Self.speeds[speedIndex] }
  package var isAtEnd: Bool { seconds >= recording.seconds }

  /// Plays on from `now`. At the end it begins anew.
  package mutating func togglePlaying(now: UInt64) {
    isPlaying.toggle()
    movedAt = now
    guard isPlaying else { return }
    if isBackwards ? seconds <= 0 : isAtEnd { seek(to: .fraction(isBackwards ? 1 : 0)) }
  }

  package mutating func toggleDirection(now: UInt64) {
    isBackwards.toggle()
    if !isPlaying { togglePlaying(now: now) }
  }

  /// Moves on to `now`. Returns whether anything changed.
  package mutating func advance(now: UInt64) -> Bool {
    guard isPlaying else { return false }
    let passed = Double(now - min(now, movedAt ?? now)) / 1e9
    guard passed > 0 else { return false }
    movedAt = now
    move(to: seconds + passed * speed * (isBackwards ? -1 : 1))
    if isBackwards ? seconds <= 0 : isAtEnd { isPlaying = false }
    return true
  }

  package mutating func seek(to place: Place) {
    switch place {
    case .fraction(let part): move(to: part * recording.seconds)
    case .seconds(let seconds): move(to: seconds)
    }
  }

  private mutating func move(to time: Double) {
    seconds = time.isNaN ? 0 : min(max(0, time), recording.seconds)
    if seconds <= 0, recording.seconds > 0 {
      stepCount = 0
    } else {
      stepCount = seconds >= recording.seconds ? recording.stepCount : recording.stepCount(at: seconds)
    }
  }

  /// By a part of the run.
  package mutating func skip(_ part: Double) { move(to: seconds + part * recording.seconds) }

  /// By datagrams. It stops the replay.
  package mutating func step(by count: Int) {
    isPlaying = false
    stand(behind: min(max(0, stepCount + count), recording.stepCount))
  }

  /// To the next NACK, or the one before. It stops the replay.
  package mutating func goToNack(forward: Bool) {
    isPlaying = false
    var step = forward ? stepCount : stepCount - 2
    while step >= 0, step < recording.stepCount {
      if recording.isNack(step) { return stand(behind: step + 1) }
      step += forward ? 1 : -1
    }
    stand(behind: forward ? recording.stepCount : 0)
  }

  /// To the first difference of two runs. It stops the replay.
  package mutating func goToDifference() {
    isPlaying = false
    if let difference = recording.difference { stand(behind: difference.stepCount) }
  }

  private mutating func stand(behind count: Int) {
    stepCount = count
    seconds = count == 0 ? 0 : min(recording.seconds, recording.secondsOfStep(count - 1))
    if count == recording.stepCount { seconds = recording.seconds }
  }

  package mutating func changeSpeed(by steps: Int) {
    speedIndex = min(max(0, speedIndex + steps), Self.speeds.count - 1)
  }

  package mutating func resetSpeed() { speedIndex = usualIndex }
  package mutating func useRealTime() { speedIndex = Self.realTime }

  /// "0.4124 s of 1.2000 s · datagram 812 of 2001".
  package var placeText: String {
    "\(DisplayText.seconds(seconds)) of \(DisplayText.seconds(recording.seconds)) · "
      + "datagram \(stepCount) of \(recording.stepCount)"
  }

  /// "speed × 0.05 · paused".
  package var paceText: String {
    let text = speed >= 1 ? "\(Int(speed))" : "1/\(Int((1 / speed).rounded()))"
    let state = isPlaying ? isBackwards ? "backwards" : "playing" : "paused"
    return "speed × \(text) · \(state) · ? lists the keys"
  }
}
