import Testing
import Viewer

struct ReplayPlayerTests {
  private static let second: UInt64 = 1_000_000_000

  /// 100 datagrams, one each 0.1 s from 0 on; every tenth is a NACK. The run goes on to 10 s.
  static func recording(_ seconds: Double = 10) -> Recording {
    Recording(
      title: "run", stepCount: 100, seconds: seconds, samples: [], nackSeconds: [],
      secondsOfStep: { Double($0) * seconds / 100 }, isNack: { $0 % 10 == 9 },
      moment: { count in
        .init(
          delivery: DeliveryMap(
            chunkCount: 100, fileCount: 0, file: { _ in .init(name: "", chunks: 0..<0) },
            counts: { chunks in
              .init(total: UInt64(chunks.count), arrived: UInt64(chunks.count { $0 < UInt64(count) }))
            }), line: "datagram \(count)")
      })
  }

  @Test func itPlaysAtItsSpeed() {
    var player = ReplayPlayer(Self.recording())
    #expect(player.speed == 0.5 && player.stepCount == 0, "10 s in 20 s")
    player.togglePlaying(now: 5 * Self.second)
    #expect(player.isPlaying && player.advance(now: 7 * Self.second))
    #expect(player.seconds == 1 && player.stepCount == 11)
    player.useRealTime()
    #expect(player.advance(now: 8 * Self.second) && player.seconds == 2)
    player.changeSpeed(by: 1)
    #expect(player.speed == 2 && !player.advance(now: 8 * Self.second))
    player.toggleDirection(now: 8 * Self.second)
    #expect(player.advance(now: 8 * Self.second + Self.second / 2) && player.seconds == 1)
    player.togglePlaying(now: 9 * Self.second)
    #expect(!player.advance(now: 99 * Self.second) && player.seconds == 1, "it stands")
    player.resetSpeed()
    #expect(player.speed == 0.5)
  }

  @Test func itStopsAtItsEndsAndBeginsAnew() {
    var player = ReplayPlayer(Self.recording())
    player.togglePlaying(now: 0)
    #expect(player.advance(now: 60 * Self.second) && player.isAtEnd && !player.isPlaying)
    #expect(player.stepCount == 100)
    player.togglePlaying(now: 61 * Self.second)
    #expect(player.isPlaying && player.seconds == 0 && player.stepCount == 0)
    player.toggleDirection(now: 61 * Self.second)
    #expect(player.advance(now: 62 * Self.second) && !player.isPlaying && player.stepCount == 0)
    player.togglePlaying(now: 63 * Self.second)
    #expect(player.stepCount == 100, "backwards it begins at the end")
  }

  @Test func itStepsByDatagramAndByNACK() {
    var player = ReplayPlayer(Self.recording())
    player.step(by: 1)
    #expect(player.stepCount == 1 && player.seconds == 0 && !player.isPlaying)
    player.goToNack(forward: true)
    #expect(player.stepCount == 10, "the NACK is the last that has happened")
    player.goToNack(forward: true)
    player.step(by: 3)
    #expect(player.stepCount == 23)
    player.goToNack(forward: false)
    #expect(player.stepCount == 20)
    player.goToNack(forward: false)
    #expect(player.stepCount == 10)
    player.goToNack(forward: false)
    #expect(player.stepCount == 0 && player.seconds == 0)
    player.step(by: -5)
    #expect(player.stepCount == 0)
    player.step(by: 1_000)
    #expect(player.stepCount == 100 && player.isAtEnd)
  }

  @Test(arguments: [
    (ReplayPlayer.Place.fraction(0.5), 51), (.seconds(0.05), 1), (.fraction(-1), 0), (.fraction(7), 100),
    (.seconds(.nan), 0), (.seconds(1e300), 100), (.fraction(.infinity), 100),
  ])
  func itGoesAnywhere(place: ReplayPlayer.Place, stepCount: Int) {
    var player = ReplayPlayer(Self.recording())
    player.seek(to: place)
    #expect(player.stepCount == stepCount)
  }

  /// The shortest and longest runs have a speed too, and one without datagrams has an end.
  @Test(arguments: [0, 1e-6, 0.003, 86_400, 1e9])
  func anyLengthHasASpeed(seconds: Double) {
    var player = ReplayPlayer(Self.recording(seconds))
    #expect(ReplayPlayer.speeds.contains(player.speed) && !player.paceText.isEmpty)
    player.changeSpeed(by: -100)
    #expect(player.speed == ReplayPlayer.speeds[0])
    player.skip(0.1)
    player.seek(to: .fraction(1))
    #expect(player.stepCount == 100 && player.placeText.hasSuffix("datagram 100 of 100"))
  }

  @Test func aRunWithoutDatagramsIsShown() {
    var recording = Self.recording(0)
    recording.stepCount = 0
    var player = ReplayPlayer(recording)
    player.togglePlaying(now: 1)
    player.goToNack(forward: true)
    player.step(by: 1)
    #expect(player.stepCount == 0 && player.isAtEnd)
  }
}
