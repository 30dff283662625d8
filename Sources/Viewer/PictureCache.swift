#if Viewer
import CSDL2

/// The pictures that a window keeps ready, in bounded memory: thumbnails, and the images on show and beside
/// it.
final class PictureCache {
  /// One picture of one image.
  struct Key: Hashable {
    /// The revision of the image's entry.
    var revision: UInt64
    var isThumbnail: Bool
  }

  /// A picture that can be drawn at once.
  enum Ready {
    case picture(Drawable)
    case plate(Plate)
    /// Too little of the image has arrived.
    case nothingYet
  }

  /// A texture and what is known of its image.
  struct Drawable {
    var texture: OpaquePointer
    /// The texture's.
    var size: PixelSize
    /// The image's own, upright.
    var shape: PixelSize
    var note: String?
    var fileByteCount: Int
    /// It will be replaced by a picture that was decoded from the image.
    var isPreview: Bool
  }

  private struct Slot {
    var request: DecodeRequest
    var ready: Ready
    var byteCount: Int
    var lastUse: UInt64
  }

  private let canvas: Canvas
  private let byteLimit: Int
  private var slots: [Key: Slot] = [:]
  private var useCount: UInt64 = 0
  /// Memory of all textures.
  private(set) var byteCount = 0

  init(canvas: Canvas, byteLimit: Int) {
    self.canvas = canvas
    self.byteLimit = byteLimit
  }

  deinit { removeAll() }

  /// Pixels that one picture may have: three of them fit.
  var pixelLimit: Int { min(byteLimit / 12, JPEGDecoder.decodedPixelLimit) }

  /// The picture that can be drawn now. It may be decoded for an earlier size of the window.
  func ready(_ key: Key) -> Ready? {
    useCount += 1
    slots[key]?.lastUse = useCount
    return slots[key]?.ready
  }

  /// The picture's texture, if there is one.
  func drawable(_ key: Key) -> Drawable? {
    guard case .picture(let drawable) = ready(key) else { return nil }
    return drawable
  }

  /// Whether a picture must be decoded: for the first time, because more of the image has arrived, or because
  /// it is drawn at another size.
  func needsDecoding(_ request: DecodeRequest) -> Bool {
    guard let slot = slots[request.key] else { return true }
    if slot.request.entry.item.part != request.entry.item.part {
      // A part that came without a byte more at its beginning looks the same.
      guard let old = slot.request.entry.item.part, let new = request.entry.item.part else { return true }
      // A thumbnail shows no less than a sixteenth more.
      let step = request.isThumbnail && !new.isOver ? old.leadingByteCount / 16 : 0
      if new.leadingByteCount > old.leadingByteCount &+ step { return true }
    }
    guard case .picture(let picture) = slot.ready else { return false }
    if picture.isPreview { return !request.isPreviewEnough }
    guard slot.request.box != request.box else { return false }
    let shown = picture.shape.fitted(into: request.box)
    let isTooSmall = !picture.size.covers(shown) && !picture.size.covers(picture.shape)
    // Below a quarter the scaling of the display would flicker.
    let isTooLarge = picture.size.width > 4 * shown.width && picture.size.height > 4 * shown.height
    return isTooSmall || isTooLarge
  }

  /// Takes over a decoded picture.
  func insert(_ picture: Picture, for request: DecodeRequest) {
    // A file may go away after it was seen, when its session ends early. Its picture stays.
    if let slot = slots[request.key], case .picture(let old) = slot.ready, !old.isPreview {
      if case .image = picture {
      } else {
        slots[request.key]?.request = request
        return
      }
    }
    remove(request.key)
    useCount += 1
    let (ready, pictureByteCount) = makeReady(picture, name: request.entry.item.name)
    byteCount += pictureByteCount
    slots[request.key] = Slot(
      request: request, ready: ready, byteCount: pictureByteCount, lastUse: useCount)
  }

  private func makeReady(_ picture: Picture, name: String) -> (Ready, Int) {
    switch picture {
    case .plate(let plate): return (.plate(plate), 0)
    case .nothingYet: return (.nothingYet, 0)
    case .image(let image):
      guard let texture = canvas.texture(image) else {
        return (.plate(Plate(name: name, reason: "cannot be drawn: \(String(cString: SDL_GetError()))")), 0)
      }
      let drawable = Drawable(
        texture: texture, size: image.size, shape: image.sourceSize, note: image.note,
        fileByteCount: image.fileByteCount,
        isPreview: image.isPreview)
      return (.picture(drawable), image.size.pixelCount * 4)
    }
  }

  /// Removes the pictures that were not used for longest, until the rest fits. Those of `keys` stay. Returns
  /// what was removed.
  func trim(keeping keys: Set<Key>) -> [Key] {
    guard byteCount > byteLimit || slots.count > Self.slotLimit else { return [] }
    var removed: [Key] = []
    for (key, _) in slots.sorted(by: { $0.value.lastUse < $1.value.lastUse }) where !keys.contains(key) {
      guard byteCount > byteLimit * 7 / 8 || slots.count > Self.slotLimit * 7 / 8 else { break }
      remove(key)
      removed.append(key)
    }
    return removed
  }

  /// Plates cost little, but not nothing.
  private static let slotLimit = 10_000

  func removeAll() { for key in slots.keys { remove(key) } }

  private func remove(_ key: Key) {
    guard let slot = slots.removeValue(forKey: key) else { return }
    byteCount -= slot.byteCount
    if case .picture(let drawable) = slot.ready { SDL_DestroyTexture(drawable.texture) }
  }
}
#endif
