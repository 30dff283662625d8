import Testing
import Viewer

struct PressTests {
  @Test func aShakingHandClicks() {
    var press = Press(at: (100, 100))
    #expect(press.move(to: (103, 98)) == nil && !press.isDrag)
  }

  @Test func aDragReportsEveryDistance() {
    var press = Press(at: (100, 100))
    let first = press.move(to: (110, 100))
    #expect(first?.x == 10 && first?.y == 0)
    let second = press.move(to: (109, 104))
    #expect(second?.x == -1 && second?.y == 4 && press.isDrag)
  }
}
