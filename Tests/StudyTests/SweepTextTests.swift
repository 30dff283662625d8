import Study
import Testing

@Suite struct SweepTextTests {
  @Test(arguments: [
    ("0:30:5", [0, 5, 10, 15, 20, 25, 30]), ("0,1,5,10", [0, 1, 5, 10]), ("5%,1%", [1, 5]),
    ("0:1:0.25", [0, 0.25, 0.5, 0.75, 1]),
    ("0:0.3:0.1", [0, 0.1, 0.2, 0.3]), ("0:4:3,10", [0, 3, 10]), ("7", [7]),
  ])
  func sweeps(text: String, expected: [Double]) { #expect(SweepText.values(text) == expected) }

  @Test(arguments: ["", ",", "a", "1:2", "3:1:1", "0:1:0", "0:1e9:1", "0:10:-1", "nan", "1,,2"])
  func refusedSweeps(text: String) { #expect(SweepText.values(text) == nil) }
}
