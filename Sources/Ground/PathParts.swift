extension String {
  /// The last component of a path: "a/b.jpg" and "a/b.jpg/" give "b.jpg". "/" and "" stay as they are.
  package var lastPathPart: String { split(separator: "/").last.map(String.init) ?? self }

  /// The folder in which a path's last component is: "a/b.jpg" gives "a", "/b.jpg" gives "/", and "b.jpg"
  /// gives ".".
  package var folderPart: String {
    lastIndex(of: "/").map { $0 == startIndex ? "/" : String(self[..<$0]) } ?? "."
  }
}
