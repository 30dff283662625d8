import CLate

/// The libraries of a window and of its pictures. The program loads them when it needs them (`CLate`).
enum ViewerLibraries {
  /// Throws `.missingLibrary` for the first that this host does not have.
  static func load() throws(ViewerError) {
    for library in [LATE_WINDOW, LATE_FONTS, LATE_JPEG, LATE_PNG] {
      if let missing = late_missing(library) { throw .missingLibrary(String(cString: missing)) }
    }
  }
}
