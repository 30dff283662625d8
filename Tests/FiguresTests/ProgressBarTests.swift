import Figures
import Testing

@Suite struct ProgressBarTests {
  @Test(arguments: [(0, "[····]"), (1, "[█···]"), (4, "[████]"), (5, "[████]"), (-1, "[····]")])
  func theBarNeverLeavesItsBrackets(filled: Int, text: String) {
    #expect(ProgressBar.text(filled: filled, width: 4) == text)
  }
}
