import FileSet
import Testing

@Suite struct SafeNameTests {
  @Test(arguments: [
    "a", "a.jpg", "summer 2024/beach .jpg", "Zürich/日本語.jpg", "..a", "a..", "...", ".hidden", "a/.b", "-rf",
    String(repeating: "x", count: 255),
  ])
  func goodNames(name: String) {
    #expect(SafeName.problem(in: Array(name.utf8).span) == nil)
  }

  @Test(arguments: [
    ("", "the name is empty"), ("/etc/passwd", "it has an empty component"),
    ("a//b", "it has an empty component"),
    ("a/", "it has an empty component"), ("..", "it would leave the folder by \"..\""),
    ("../a", "it would leave the folder by \"..\""), ("a/../../b", "it would leave the folder by \"..\""),
    ("a/..", "it would leave the folder by \"..\""), (".", "it has the component \".\""),
    ("./a", "it has the component \".\""), ("a/./b", "it has the component \".\""),
    ("a\0b", "it holds a NUL"),
    (String(repeating: "x", count: 256), "a component is longer than 255 bytes"),
    (String(repeating: "x/", count: 2048) + "y", "longer than 4096 bytes"),
  ])
  func badNames(name: String, problem: String) {
    #expect(SafeName.problem(in: Array(name.utf8).span) == problem)
  }

  @Test(arguments: [
    ("plain name.jpg", "plain name.jpg"), ("Zürich/日本語.jpg", "Zürich/日本語.jpg"), ("a\u{1B}[2J", "a\\u{1b}[2J"),
    ("two\nlines", "two\\u{a}lines"), ("gpj.\u{202E}exe", "gpj.\\u{202e}exe"), ("a\u{2028}b", "a\\u{2028}b"),
    ("a\u{9B}b", "a\\u{9b}b"),
  ])
  func printableNamesStayInOneLine(name: String, shown: String) {
    #expect(name.printable == shown)
  }

  @Test(arguments: [
    (".gallery-0000", true), (".gallery-x/y", true), (".gallery", false), ("a/.gallery-x", false),
  ])
  func reservedNames(name: String, isReserved: Bool) {
    #expect(SafeName.isReserved(name) == isReserved)
  }
}
