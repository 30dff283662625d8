/// One image of the show: a whole, readable file.
package struct GalleryItem: Sendable, Equatable {
  /// Identifies this item. Its place in the show depends on its name.
  package var index: Int
  /// Name shown to people, relative to the set.
  package var name: String
  /// Where the bytes can be read now.
  package var path: String
  /// Pictures of a later session come after those of earlier sessions.
  package var session: Int
  /// What its plate says where there is no such file.
  package var absence: String

  /// A remark about the file, for a contact sheet; nil: the decoder's remark.
  package var note: String?

  package init(
    index: Int, name: String, path: String, session: Int = 0, absence: String = "the file is gone",
    note: String? = nil
  ) {
    self.index = index
    self.name = name
    self.path = path
    self.session = session
    self.absence = absence
    self.note = note
  }

  /// Whether it comes before `other` in a show.
  func isBefore(_ other: GalleryItem) -> Bool {
    if session != other.session { return session < other.session }
    return name == other.name ? index < other.index : NaturalOrder.isAscending(name, other.name)
  }
}
