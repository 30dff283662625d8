/// What is shown for a file: a picture, or a plate with the reason why there is none.
package enum Picture: Sendable {
  case image(DecodedImage)
  case plate(Plate)
  /// Too little of the image has arrived.
  case nothingYet
}

/// Turns an item into something to show. Never fails: an item that cannot be decoded becomes a plate.
package enum ImageLoader {
  /// Reads and decodes `entry` for a box of this size. When the file is gone, it may just have been renamed
  /// from its part file. Then `currentPath` gives the new path, and the file is read once more.
  package static func load(
    _ entry: GalleryFeed.Entry, box: PixelSize, currentPath: (GalleryFeed.Entry) -> String?
  ) -> Picture {
    if let part = entry.item.part { return loadPart(part, path: entry.item.path, box: box) }
    do throws(FileBytes.Failure) {
      return decode(try FileBytes(path: entry.item.path), name: entry.item.name, box: box)
    } catch {
      guard error == .missing, let path = currentPath(entry) else {
        return .plate(Plate(name: entry.item.name, failure: error, absence: entry.item.absence))
      }
      return loadAgain(entry.item, path: path, box: box)
    }
  }

  /// Decodes what has arrived of an image, with a hatch in place of the rest.
  private static func loadPart(_ part: ImagePart, path: String, box: PixelSize) -> Picture {
    guard part.leadingByteCount > 0,
      let bytes = try? FileBytes(path: path, limit: part.leadingByteCount)
    else { return .nothingYet }
    let image = try? JPEGDecoder.decode(bytes.buffer, box: box, isPart: true)
    extendLifetime(bytes)
    return image.map { .image($0) } ?? .nothingYet
  }

  private static func loadAgain(_ item: GalleryItem, path: String, box: PixelSize) -> Picture {
    do throws(FileBytes.Failure) {
      return decode(try FileBytes(path: path), name: item.name, box: box)
    } catch {
      return .plate(Plate(name: item.name, failure: error, absence: item.absence))
    }
  }

  private static func decode(_ bytes: consuming FileBytes, name: String, box: PixelSize) -> Picture {
    let buffer = bytes.buffer
    do throws(JPEGDecoder.Failure) {
      let image = try JPEGDecoder.decode(buffer, box: box)
      extendLifetime(bytes)
      return .image(image)
    } catch {
      let plate = Plate(name: name, bytes: buffer, failure: error)
      extendLifetime(bytes)
      return .plate(plate)
    }
  }
}
