import CSDL2

/// The few pictures that a window keeps ready: the current one, the one before and the one after.
final class PictureCache {
  /// A picture that can be drawn at once.
  enum Ready {
    /// `size` is the texture's; `shape` the image's own, upright.
    case picture(texture: OpaquePointer, size: PixelSize, shape: PixelSize, note: String?)
    case plate(Plate)
  }

  private struct Slot {
    var box: PixelSize
    var ready: Ready
  }

  private let canvas: Canvas
  private var slots: [UInt64: Slot] = [:]  // by the entry's revision

  init(canvas: Canvas) { self.canvas = canvas }

  deinit { removeAll() }

  /// The picture that can be drawn now for an entry. It may be decoded for an earlier size of the window.
  func ready(revision: UInt64) -> Ready? { slots[revision]?.ready }

  /// Whether an entry must be decoded, for the first time or because the window's size has changed.
  func needsDecoding(revision: UInt64, box: PixelSize) -> Bool {
    guard let slot = slots[revision] else { return true }
    guard slot.box != box, case .picture(_, let size, let shape, _) = slot.ready else { return false }
    let shown = shape.fitted(into: box)
    let isTooSmall = !size.covers(shown) && !size.covers(shape)
    // Below a quarter the scaling of the display would flicker.
    let isTooLarge = size.width > 4 * shown.width && size.height > 4 * shown.height
    return isTooSmall || isTooLarge
  }

  /// Takes over a decoded picture.
  func insert(_ picture: Picture, revision: UInt64, name: String, box: PixelSize) {
    // A file may go away after it was seen, when its session ends early. Its picture stays.
    if case .plate = picture, let slot = slots[revision], case .picture = slot.ready {
      slots[revision]?.box = box
      return
    }
    remove(revision: revision)
    switch picture {
    case .plate(let plate): slots[revision] = Slot(box: box, ready: .plate(plate))
    case .image(let image):
      let ready: Ready =
        if let texture = canvas.texture(image) {
          .picture(texture: texture, size: image.size, shape: image.sourceSize, note: image.note)
        } else {
          .plate(Plate(name: name, reason: "cannot be drawn: \(String(cString: SDL_GetError()))"))
        }
      slots[revision] = Slot(box: box, ready: ready)
    }
  }

  /// Lets go of everything but these entries.
  func keep(only revisions: [UInt64]) {
    for revision in slots.keys where !revisions.contains(revision) { remove(revision: revision) }
  }

  func removeAll() { keep(only: []) }

  private func remove(revision: UInt64) {
    if case .picture(let texture, _, _, _) = slots.removeValue(forKey: revision)?.ready {
      SDL_DestroyTexture(texture)
    }
  }
}
