import Testing
import Viewer

/// Intervals of 100 ns keep the numbers readable.
struct SlideshowTests {
  private func finished(_ indices: [Int]) -> Slideshow {
    var show = Slideshow(intervalNanoseconds: 100)
    show.update(indices: indices, isFinished: true)
    return show
  }

  /// Lets the show run as a window does, and returns what it showed at each deadline.
  private func play(_ show: inout Slideshow, from start: UInt64 = 0, steps: Int) -> [Int?] {
    var now = start
    return (0..<steps).map { _ in
      show.didBecomeVisible(now: now)
      let current = show.current
      now = show.nextDeadline ?? now
      show.tick(now: now)
      return current
    }
  }

  @Test func roundsGoOn() {
    var show = finished([0, 1, 2])
    #expect(play(&show, steps: 5) == [0, 1, 2, 0, 1])
  }

  /// A mixed order has every image, looks mixed, and keeps its places when others arrive.
  @Test func aMixedOrderHasThemAll() {
    let mixed = Slideshow.mixed(Array(0..<50))
    #expect(Set(mixed) == Set(0..<50) && mixed != Array(0..<50))
    #expect((0..<49).count { mixed[$0 + 1] == mixed[$0] + 1 } < 5)
    #expect(Slideshow.mixed(Array(0..<80)).filter { $0 < 50 } == mixed)
  }

  /// Only a step of the show itself says so: the window fades then.
  @Test func aStepOfTheShowIsTold() {
    var show = finished([0, 1])
    show.didBecomeVisible(now: 0)
    let steps = [99, 100].map { show.tick(now: $0) }
    #expect(steps == [false, true] && show.current == 1)
    var single = finished([0])
    single.didBecomeVisible(now: 0)
    let isStep = single.tick(now: 100)
    #expect(!isStep, "one image follows itself")
  }

  @Test func roundIsCompleteOnlyAfterTheLastInterval() {
    var show = finished([0, 1])
    _ = play(&show, steps: 1)
    show.didBecomeVisible(now: 100)
    show.tick(now: 199)
    #expect(!show.isRoundComplete)
    show.tick(now: 200)
    #expect(show.isRoundComplete)
  }

  @Test func oneImageCompletesARoundToo() {
    var show = finished([7])
    _ = play(&show, steps: 1)
    #expect(show.isRoundComplete)
    #expect(show.current == 7)
  }

  @Test func firstArrivalShowsAtOnceWhateverItsIndex() {
    var show = Slideshow(intervalNanoseconds: 100)
    show.update(indices: [], isFinished: false)
    #expect(show.current == nil && show.nextDeadline == nil)
    show.update(indices: [5], isFinished: false)
    #expect(show.current == 5)
  }

  @Test func waitsForArrivalsThenShowsThemAtOnce() {
    var show = Slideshow(intervalNanoseconds: 100)
    show.update(indices: [0], isFinished: false)
    show.didBecomeVisible(now: 0)
    #expect(show.nextDeadline == nil, "nothing can happen before something arrives")
    show.tick(now: 500)
    #expect(show.current == 0)
    show.update(indices: [0, 1], isFinished: false)
    show.tick(now: 501)
    #expect(show.current == 1, "its predecessor has had its time")
  }

  @Test func lateArrivalWithALowerIndexIsStillShown() {
    var show = Slideshow(intervalNanoseconds: 100)
    show.update(indices: [3, 4], isFinished: false)
    #expect(play(&show, steps: 2) == [3, 4])
    show.update(indices: [1, 3, 4], isFinished: false)
    show.tick(now: 1000)
    #expect(show.current == 1)
  }

  @Test func intervalCountsFromWhenTheImageIsVisible() {
    var show = finished([0, 1])
    show.tick(now: 10_000)
    #expect(show.current == 0, "not yet drawn")
    show.didBecomeVisible(now: 10_000)
    #expect(show.nextDeadline == 10_100)
  }

  @Test func pauseStopsAndGoesOnWithAWholeInterval() {
    var show = finished([0, 1])
    show.didBecomeVisible(now: 0)
    show.togglePause(now: 50)
    #expect(show.nextDeadline == nil)
    show.tick(now: 1000)
    #expect(show.current == 0)
    show.togglePause(now: 1000)
    #expect(show.nextDeadline == 1100)
  }

  @Test func stepsWorkWhilePausedAndRoundTheCorner() {
    var show = Slideshow(intervalNanoseconds: 100, isPaused: true)
    show.update(indices: [2, 5, 9], isFinished: true)
    show.goBack()
    #expect(show.current == 9)
    show.goForward()
    #expect(show.current == 2)
    show.goForward()
    #expect(show.current == 5)
  }

  @Test(arguments: [(5, [2, 9], 9), (9, [2, 5], 5), (2, [Int](), nil)] as [(Int, [Int], Int?)])
  func removalOfTheImageOnShowGoesToItsNeighbour(removed: Int, left: [Int], expected: Int?) {
    var show = Slideshow(intervalNanoseconds: 100, isPaused: true)
    show.update(indices: [removed], isFinished: false)
    show.update(indices: (left + [removed]).sorted(), isFinished: false)
    show.update(indices: left, isFinished: false)
    #expect(show.current == expected)
  }

  /// The order is the feed's, by name: indices need not ascend.
  @Test func goesByTheOrderGiven() {
    var show = finished([0, 3, 1, 2])
    #expect(play(&show, steps: 5) == [0, 3, 1, 2, 0])
    show.update(indices: [0, 1, 2], isFinished: true)
    #expect(show.current == 1, "3 was on show, and 1 stood behind it")
    show.goBack()
    show.goBack()
    #expect(show.current == 2)
    show.update(indices: [0, 1], isFinished: true)
    #expect(show.current == 1)
  }

  @Test func finishingAfterTheLastIntervalCompletesTheRoundAtOnce() {
    var show = Slideshow(intervalNanoseconds: 100)
    show.update(indices: [0], isFinished: false)
    show.didBecomeVisible(now: 0)
    show.update(indices: [0], isFinished: true)
    show.tick(now: 5000)
    #expect(show.isRoundComplete)
  }

  /// What is not whole is shown only while nothing is.
  @Test func theFirstWholeImageTakesTheStage() {
    var show = Slideshow(intervalNanoseconds: 100)
    show.update(indices: [0, 1, 2], partial: [0, 1, 2], isFinished: false)
    #expect(show.current == 0)
    show.didBecomeVisible(now: 0)
    #expect(show.nextDeadline == nil && !show.isVisible, "an interval is for whole images")
    show.update(indices: [0, 1, 2], partial: [0, 2], isFinished: false)
    #expect(show.current == 1)
    show.didBecomeVisible(now: 10)
    #expect(show.upcoming == nil && show.nextDeadline == nil)
    show.update(indices: [0, 1, 2], partial: [0], isFinished: false)
    #expect(show.upcoming == 2 && show.nextDeadline == 110)
    show.update(indices: [0, 1, 2], partial: [0], isFinished: true)
    #expect(play(&show, steps: 4) == [1, 2, 1, 2], "the rest never came")
    #expect(show.isRoundComplete)
  }

  @Test func aPersonMayGoToWhatIsNotWhole() {
    var show = Slideshow(intervalNanoseconds: 100)
    show.update(indices: [0, 1, 2], partial: [1], isFinished: false)
    show.goForward()
    show.update(indices: [0, 1, 2], partial: [1], isFinished: false)
    #expect(show.current == 1)
    show.update(indices: [0, 1, 2], isFinished: false)
    show.didBecomeVisible(now: 0)
    #expect(show.current == 1 && show.isVisible)
    show.goToLast()
    #expect(show.current == 2)
    show.goToFirst()
    #expect(show.current == 0)
    show.go(to: 7)
    #expect(show.current == 0)
  }
}
