import Testing
import Viewer

struct GalleryFeedTests {
  private func item(_ index: Int, path: String = "/tmp/x") -> GalleryItem {
    GalleryItem(index: index, name: "\(index).jpg", path: path)
  }

  @Test func itemsAreSortedWhateverTheOrderOfArrival() {
    let feed = GalleryFeed()
    for index in [3, 0, 9, 1] { feed.add(item(index)) }
    #expect(feed.snapshot().entries.map(\.item.index) == [0, 1, 3, 9])
  }

  /// As people count, whatever the numbers that a session gave them; those of one name by number.
  @Test func itemsAreInTheNaturalOrderOfTheirNames() {
    let feed = GalleryFeed()
    for (index, name) in ["photo 1", "photo 10", "photo 11", "photo 2"].enumerated() {
      feed.add(GalleryItem(index: index, name: name, path: "/tmp/x"))
    }
    feed.add(GalleryItem(index: 9, name: "photo 2", path: "/tmp/y"))
    #expect(feed.snapshot().entries.map(\.item.index) == [0, 3, 9, 1, 2])
    feed.add(GalleryItem(index: 0, name: "photo 20", path: "/tmp/z"))
    feed.move(index: 2, to: "/tmp/moved")
    feed.remove(index: 3)
    let entries = feed.snapshot().entries
    #expect(entries.map(\.item.name) == ["photo 2", "photo 10", "photo 11", "photo 20"])
    #expect(entries.map { feed.currentPath(of: $0) } == ["/tmp/y", "/tmp/x", "/tmp/moved", "/tmp/z"])
  }

  @Test func sessionsFollowEachOther() {
    let feed = GalleryFeed()
    for (index, name) in ["b 2", "b 10", "a 1", "a 3"].enumerated() {
      feed.add(GalleryItem(index: index, name: name, path: "/tmp/x", session: index / 2))
    }
    #expect(feed.snapshot().entries.map(\.item.name) == ["b 2", "b 10", "a 1", "a 3"])
  }

  @Test func sameIndexReplacesWithANewRevision() {
    let feed = GalleryFeed()
    feed.add(item(1, path: "/a"))
    let old = feed.snapshot().entries[0]
    feed.add(item(1, path: "/b"))
    let new = feed.snapshot().entries[0]
    #expect(feed.itemCount == 1)
    #expect(new.item.path == "/b" && new.revision != old.revision)
    #expect(feed.currentPath(of: old) == nil)
  }

  @Test func moveKeepsTheRevision() {
    let feed = GalleryFeed()
    feed.add(item(1, path: "/part"))
    let entry = feed.snapshot().entries[0]
    feed.move(index: 1, to: "/whole")
    feed.move(index: 2, to: "/nowhere")
    #expect(feed.currentPath(of: entry) == "/whole")
    #expect(feed.snapshot().entries[0].revision == entry.revision)
  }

  @Test func removeForgets() {
    let feed = GalleryFeed()
    feed.add(item(1))
    feed.remove(index: 1)
    feed.remove(index: 1)
    #expect(feed.itemCount == 0)
  }

  @Test(arguments: [(-1.0, 0.0), (0.25, 0.25), (7, 1), (.infinity, 1), (.nan, nil)] as [(Double, Double?)])
  func progressIsClamped(given: Double, expected: Double?) {
    let feed = GalleryFeed()
    feed.setProgress(given)
    #expect(feed.snapshot().progress == expected)
  }

  @Test func finishSaysWhyAndHidesTheBar() {
    let feed = GalleryFeed()
    feed.setProgress(0.5)
    feed.finish(status: "20 of 20")
    let snapshot = feed.snapshot()
    #expect(snapshot.isFinished && snapshot.status == "20 of 20" && snapshot.progress == nil)
  }

  @Test func restartForgetsAllButTheWishToClose() {
    let feed = GalleryFeed(items: [item(0), item(1)])
    #expect(feed.snapshot().isFinished)
    feed.requestClose()
    feed.restart()
    let snapshot = feed.snapshot()
    #expect(snapshot.entries.isEmpty && !snapshot.isFinished && snapshot.isCloseRequested)
  }

  @Test func manyThreadsMayWrite() async {
    let feed = GalleryFeed()
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for step in 0..<100 { feed.add(GalleryItem(index: step * 8 + task, name: "", path: "")) }
        }
      }
    }
    #expect(feed.snapshot().entries.map(\.item.index) == Array(0..<800))
  }

  private func expected(_ index: Int, _ name: String) -> GalleryItem {
    GalleryItem(index: index, name: name, path: "/part/\(index)", part: ImagePart())
  }

  @Test func expectedImagesHaveTheirPlacesAndFill() {
    let feed = GalleryFeed()
    feed.expect([expected(0, "photo 10"), expected(1, "photo 9"), expected(2, "photo 1")])
    #expect(feed.itemCount == 0)
    #expect(feed.snapshot().entries.map(\.item.index) == [2, 1, 0])
    let part = ImagePart(fraction: 0.5, leadingByteCount: 7)
    feed.setParts([1: part, 5: part])
    #expect(feed.snapshot().entries.map(\.item.part) == [ImagePart(), part, ImagePart()])
    let revision = feed.snapshot().entries[1].revision
    feed.add(GalleryItem(index: 1, name: "photo 9", path: "/whole"))
    feed.setParts([1: part])
    feed.expect([expected(1, "photo 9")])
    let entry = feed.snapshot().entries[1]
    #expect(entry.item.part == nil && entry.item.path == "/whole", "whole stays whole")
    #expect(entry.revision == revision, "so that its picture stays until the whole one is decoded")
    #expect(feed.itemCount == 1 && feed.snapshot().wholeCount == 1)
    feed.remove(index: 0)
    #expect(feed.snapshot().entries.map(\.item.index) == [2, 1])
  }

  @Test func whatNeverCameSaysSo() {
    let feed = GalleryFeed()
    feed.expect([expected(0, "a"), expected(1, "b")])
    feed.setParts([0: ImagePart(fraction: 0.384, leadingByteCount: 9)])
    #expect(feed.snapshot().entries[0].item.part?.text == "38 % has arrived")
    feed.add(item(1))
    feed.endParts()
    let items = feed.snapshot().entries.map(\.item)
    #expect(items.map { $0.part?.text } == [nil, "not complete: 38 % arrived"])
  }

  @Test(arguments: [(0, 0), (0.5, 50), (0.999, 99), (1, 99), (-1, 0), (.nan, 0)] as [(Double, Int)])
  func whatIsNotWholeNeverReadsAsWhole(fraction: Double, percent: Int) {
    #expect(ImagePart(fraction: fraction).percent == percent)
  }

  @Test func aLookAtTheTransferIsAskedForOnce() {
    let feed = GalleryFeed()
    #expect(!feed.takeSampleWish(now: 100))
    feed.askForSample(at: 50)
    #expect(!feed.takeSampleWish(now: 49))
    #expect(feed.takeSampleWish(now: 50))
    #expect(!feed.takeSampleWish(now: 51))
  }
}
