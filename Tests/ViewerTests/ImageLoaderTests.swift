import Glibc
import Testing
import Viewer

struct ImageLoaderTests {
  let box = PixelSize(width: 100, height: 100)

  private func load(_ path: String, currentPath: String? = nil) -> Picture {
    let entry = GalleryFeed.Entry(item: GalleryItem(index: 0, name: "name", path: path), revision: 0)
    return ImageLoader.load(entry, box: box, currentPath: { _ in currentPath })
  }

  private func plate(_ picture: Picture) -> Plate? {
    if case .plate(let plate) = picture { plate } else { nil }
  }

  @Test func decodesAFile() throws {
    let directory = try TestDirectory()
    let path = try directory.write(TestJPEG.make(width: 50, height: 40), "a.jpg")
    guard case .image(let image) = load(path) else { Issue.record("no picture"); return }
    #expect(image.size == PixelSize(width: 50, height: 40))
  }

  @Test func aRenamedFileIsFoundAtItsNewPath() throws {
    let directory = try TestDirectory()
    let path = try directory.write(TestJPEG.make(width: 50, height: 40), "whole.jpg")
    #expect(plate(load("\(directory.path)/part", currentPath: path)) == nil)
    #expect(plate(load("\(directory.path)/part", currentPath: "/nonexistent"))?.reason == "the file is gone")
    #expect(plate(load("\(directory.path)/part"))?.reason == "the file is gone")
  }

  @Test(arguments: [
    ([UInt8](), "an empty file"), (Array("GIF89a".utf8), "a GIF image, not a JPEG"),
    ([1, 2, 3, 0xF0], "not a JPEG"),
  ])
  func otherFilesShowAPlate(bytes: [UInt8], reason: String) throws {
    let directory = try TestDirectory()
    let found = plate(load(try directory.write(bytes, "file")))
    #expect(found == Plate(name: "name", byteCount: UInt64(bytes.count), reason: reason))
  }

  @Test func directoriesAndPipesShowAPlateAndDoNotHang() throws {
    let directory = try TestDirectory()
    #expect(plate(load(directory.path))?.reason == "not a file")
    mkfifo("\(directory.path)/pipe", 0o600)
    #expect(plate(load("\(directory.path)/pipe"))?.reason == "not a file")
  }

  @Test func filesAboveTheBoundAreNotRead() throws {
    let directory = try TestDirectory()
    let path = try directory.write([], "giant.jpg")
    #expect(truncate(path, Int(FileBytes.byteLimit) + 1) == 0)  // sparse
    #expect(plate(load(path))?.reason.hasPrefix("too large to show") == true)
  }

  @Test func rareKindsAreSaidToBeUnsupported() throws {
    let directory = try TestDirectory()
    var bytes = try TestJPEG.make(width: 64, height: 48)
    bytes[try #require(TestJPEG.position(of: 0xC0, in: bytes)) + 4] = 12
    let reason = plate(load(try directory.write(bytes, "12bit.jpg")))?.reason
    #expect(reason == "a JPEG with 12 bits per sample, which is not supported")
  }

  /// The part file becomes the whole one between two looks: what is decoded already is not decoded again.
  @Test func anImageThatArrivesKeepsItsPlace() throws {
    let directory = try TestDirectory()
    let bytes = try TestJPEG.makeNoisy(width: 320, height: 240)
    let path = try directory.write(bytes, "part")
    var item = GalleryItem(index: 0, name: "name", path: path)
    item.part = ImagePart(fraction: 0.5, leadingByteCount: UInt64(bytes.count / 2))
    let entry = GalleryFeed.Entry(item: item, revision: 0)
    var arriving: ArrivingJPEG?
    func isDrawn(currentPath: String?) -> Bool {
      let picture = ImageLoader.loadThumbnail(
        entry, box: box, arriving: &arriving, currentPath: { _ in currentPath })
      if case .image = picture { return true } else { return false }
    }
    #expect(isDrawn(currentPath: path))
    let first = try #require(arriving)
    let whole = "\(directory.path)/whole.jpg"
    #expect(rename(path, whole) == 0)
    #expect(!isDrawn(currentPath: nil))
    #expect(arriving === first)
    item.part?.leadingByteCount = UInt64(bytes.count * 3 / 4)
    let later = GalleryFeed.Entry(item: item, revision: 0)
    let picture = ImageLoader.loadThumbnail(
      later, box: box, arriving: &arriving, currentPath: { _ in whole })
    guard case .image = picture else { Issue.record("no picture"); return }
    #expect(arriving === first)
  }
}
