import FileSet
import Foundation
import Testing
import Viewer

import gallery

/// The images of a folder while files come, change and go.
struct FolderItemsTests {
  private static func names(_ items: FolderItems) -> [String] {
    items.feed.snapshot().entries.map(\.item.name)
  }

  private func items(_ scratch: Scratch, recursive: Bool = false) throws -> FolderItems {
    let (paths, options) = ([scratch.path("set")], ScanOptions(recursive: recursive))
    return FolderItems(try FileScanner.scan(paths, options: options), paths: paths, options: options)
  }

  @Test func newFilesFindTheirPlaces() throws {
    let scratch = Scratch()
    scratch.folder("set")
    for name in ["1.jpg", "3.jpg", "10.jpg"] { scratch.file("set/\(name)", byteCount: 3) }
    let items = try items(scratch)
    let old = items.feed.snapshot()
    scratch.file("set/2.jpg", byteCount: 3)
    scratch.file("set/notes.txt", byteCount: 3)
    items.refresh()
    #expect(Self.names(items) == ["1.jpg", "2.jpg", "3.jpg", "10.jpg"])
    let new = items.feed.snapshot()
    #expect([0, 2, 3].map { new.entries[$0] } == old.entries, "the others were not touched")
    #expect(new.isFinished)
  }

  @Test func aChangedFileIsReadAgainAndOneThatIsGoneLeaves() throws {
    let scratch = Scratch()
    scratch.folder("set")
    for name in ["1.jpg", "2.jpg", "3.jpg"] { scratch.file("set/\(name)", byteCount: 3) }
    let items = try items(scratch)
    let old = items.feed.snapshot().entries
    scratch.file("set/2.jpg", byteCount: 5)
    try FileManager.default.removeItem(atPath: scratch.path("set/1.jpg"))
    items.refresh()
    let new = items.feed.snapshot().entries
    #expect(new.map(\.item.name) == ["2.jpg", "3.jpg"])
    #expect(new[0].item == old[1].item && new[0].revision != old[1].revision && new[1] == old[2])
    for name in ["2.jpg", "3.jpg"] { try FileManager.default.removeItem(atPath: scratch.path("set/\(name)")) }
    items.refresh()
    #expect(Self.names(items).isEmpty)
    scratch.file("set/4.jpg", byteCount: 3)
    items.refresh()
    #expect(Self.names(items) == ["4.jpg"])
  }

  @Test func foldersOfImagesAreWatched() throws {
    let scratch = Scratch()
    scratch.folder("set")
    scratch.folder("set/deep")
    scratch.file("set/1.jpg", byteCount: 3)
    scratch.file("set/deep/2.jpg", byteCount: 3)
    #expect(
      try items(scratch, recursive: true).folders == [scratch.path("set"), scratch.path("set/deep")])
  }
}
