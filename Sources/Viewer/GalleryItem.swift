import Ground

/// How much of an image that is still on its way has arrived.
package struct ImagePart: Sendable, Equatable {
  /// In [0, 1].
  package var fraction: Double
  /// Bytes from the file's beginning without a gap.
  package var leadingByteCount: UInt64
  /// The session is over, and the rest will not come.
  package var isOver = false

  package init(fraction: Double = 0, leadingByteCount: UInt64 = 0) {
    self.fraction = fraction
    self.leadingByteCount = leadingByteCount
  }

  /// 0 ... 99: what is not whole never reads as 100 %.
  package var percent: Int { fraction.isNaN ? 0 : Int(min(max(fraction, 0), 0.99) * 100) }

  /// "38 % has arrived".
  package var text: String {
    isOver ? "not complete: \(percent) % arrived" : "\(percent) % has arrived"
  }
}

/// One image of the show: a readable file, or one that is on its way.
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

  /// How much of it is here; nil: it is whole.
  package var part: ImagePart?
  /// Its place in the set that the session delivers; nil where no map is of it.
  package var file: Int?
  /// How long it was on its way, for people; nil where that is not known.
  package var travel: String?

  /// A remark about the file, for a contact sheet; nil: the decoder's remark.
  package var note: String?

  package init(
    index: Int, name: String, path: String, session: Int = 0, absence: String = "the file is gone",
    part: ImagePart? = nil, file: Int? = nil, travel: String? = nil, note: String? = nil
  ) {
    self.index = index
    self.name = name
    self.path = path
    self.session = session
    self.absence = absence
    self.part = part
    self.file = file
    self.travel = travel
    self.note = note
  }

  /// Whether it comes before `other` in a show.
  func isBefore(_ other: GalleryItem) -> Bool {
    if session != other.session { return session < other.session }
    return name == other.name ? index < other.index : NaturalOrder.isAscending(name, other.name)
  }
}
