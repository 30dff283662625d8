#if !Viewer
// A build without the trait Viewer: no window and no pictures. What would show one throws the reason, as on a
// host that lacks the libraries; `ViewerLibraries.load` always throws here.

package final class GalleryWindow {
  package init(feed: GalleryFeed, options: ViewerOptions) throws(ViewerError) {
    try ViewerLibraries.load()
    throw .noImages
  }

  package func run() throws(ViewerError) -> EndReason { .userQuit }

  package enum EndReason: Sendable, Equatable { case userQuit, closedWhenDone, closeRequested }
}

package enum Screenshot {
  package static func write(
    feed: GalleryFeed, as mode: WindowMode = .image, index: Int? = nil, at place: ReplayPlayer.Place? = nil,
    size: PixelSize = PixelSize(width: 960, height: 720), look: Look = Look(), to path: String
  ) throws(ViewerError) { try ViewerLibraries.load() }
}

package enum ContactSheet {
  package static func write(
    items: [GalleryItem], columns: Int = 5, title: String, to path: String
  ) throws(ViewerError) { try ViewerLibraries.load() }
}

extension JPEGDecoder {
  package static func decode(
    _ bytes: UnsafeRawBufferPointer, box: PixelSize, isPart: Bool = false
  ) throws(Failure) -> DecodedImage {
    throw .undecodable(reason: "this program was built without pictures")
  }
}
#endif
