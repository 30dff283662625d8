import Ground
import Testing

struct PathPartsTests {
  @Test(arguments: [
    ("a/b.jpg", "b.jpg", "a"), ("/a/b/c", "c", "/a/b"), ("/b.jpg", "b.jpg", "/"), ("b.jpg", "b.jpg", "."),
    ("a//b", "b", "a/"), ("/", "/", "/"), ("", "", "."), ("é/ü 1.jpg", "ü 1.jpg", "é"),
  ])
  func parts(path: String, last: String, folder: String) {
    #expect(path.lastPathPart == last)
    #expect(path.folderPart == folder)
  }

  /// A folder that was typed with a slash behind it has a name all the same.
  @Test func slashBehind() { #expect("photos/june/".lastPathPart == "june") }
}
