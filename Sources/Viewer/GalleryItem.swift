/// One image of the show: a whole, readable file.
package struct GalleryItem: Sendable, Equatable {
  /// Position in the show; counts from 0 and is what the title says.
  package var index: Int
  /// Name shown to people, relative to the set.
  package var name: String
  /// Where the bytes can be read now.
  package var path: String
  /// What its plate says where there is no such file.
  package var absence: String

  package init(index: Int, name: String, path: String, absence: String = "the file is gone") {
    self.index = index
    self.name = name
    self.path = path
    self.absence = absence
  }
}
