import Testing
import Viewer

struct ImageZoomTests {
  private let area = PixelSize(width: 960, height: 690)
  private let large = PixelSize(width: 4000, height: 3000)
  private let small = PixelSize(width: 64, height: 48)

  @Test(arguments: [PixelSize(width: 4000, height: 3000), PixelSize(width: 64, height: 48)])
  func fittedFillsTheArea(image: PixelSize) {
    let frame = ImageZoom().frame(of: image, in: area)
    #expect(frame == .init(x: 20, y: 0, width: 920, height: 690))
  }

  /// The point under the pointer stays where it is, as long as the image fills the area.
  @Test(arguments: [(480.0, 345.0), (300, 200), (700, 600)])
  func theWheelZoomsAtThePointer(x: Double, y: Double) {
    var zoom = ImageZoom()
    zoom.zoom(to: 0.5, atX: 480, y: 345, image: large, in: area)
    for factor in [ImageZoom.step, ImageZoom.step, 1 / ImageZoom.step, 4] {
      let before = zoom.frame(of: large, in: area)
      zoom.zoom(by: factor, atX: x, y: y, image: large, in: area)
      let after = zoom.frame(of: large, in: area)
      #expect(abs((x - before.x) / before.width - (x - after.x) / after.width) < 1e-9)
      #expect(abs((y - before.y) / before.height - (y - after.y) / after.height) < 1e-9)
    }
  }

  @Test func zoomingOutEndsWithTheWholeImage() {
    var zoom = ImageZoom()
    for _ in 0..<5 { zoom.zoom(by: ImageZoom.step, atX: 3, y: 5, image: large, in: area) }
    #expect(!zoom.isFitted && zoom.isLargerThanArea(large, in: area))
    for _ in 0..<5 { zoom.zoom(by: 1 / ImageZoom.step, atX: 900, y: 5, image: large, in: area) }
    #expect(zoom.isFitted)
  }

  @Test func hundredPercentIsPixelForPixel() {
    for image in [large, small] {
      var zoom = ImageZoom()
      zoom.zoom(to: 1, atX: 480, y: 345, image: image, in: area)
      let frame = zoom.frame(of: image, in: area)
      #expect(frame.width == Double(image.width) && frame.height == Double(image.height))
      #expect(frame.x + frame.width / 2 == 480 && frame.y + frame.height / 2 == 345)
      #expect(zoom.isLargerThanArea(image, in: area) == (image == large))
    }
  }

  @Test(arguments: [0, -1, .infinity, .nan, 1e300, 1e-300])
  func noFactorBreaksIt(factor: Double) {
    var zoom = ImageZoom()
    zoom.zoom(by: 3, atX: 10, y: 10, image: large, in: area)
    zoom.zoom(by: factor, atX: 10, y: 10, image: large, in: area)
    let frame = zoom.frame(of: large, in: area)
    #expect(frame.width >= 64 && frame.width <= 4000 * ImageZoom.limit && frame.x.isFinite)
  }

  /// No move brings the image's edge into the area.
  @Test func panningEndsAtTheEdge() {
    var zoom = ImageZoom()
    zoom.pan(x: 50, y: 50, image: large, in: area)
    #expect(zoom.isFitted)
    zoom.zoom(to: 1, atX: 480, y: 345, image: large, in: area)
    zoom.pan(x: -1e9, y: 1e9, image: large, in: area)
    let frame = zoom.frame(of: large, in: area)
    #expect(frame.x + frame.width == 960 && frame.y == 0)
    zoom.fit()
    #expect(zoom.isFitted)
  }

  /// What is drawn lies within the picture, covers the area, and goes little beyond it.
  @Test func onlyTheVisiblePartIsDrawn() {
    for decoded in [large, PixelSize(width: 500, height: 375), PixelSize(width: 1, height: 1)] {
      for scale in [0.23, 0.3, 1, 7.3, 32] {
        var zoom = ImageZoom()
        zoom.zoom(to: scale, atX: 100, y: 600, image: large, in: area)
        zoom.pan(x: 333, y: -77, image: large, in: area)
        let (source, target) = zoom.visiblePart(of: large, decodedAt: decoded, in: area)
        #expect(source.x >= 0 && source.x + source.size.width <= decoded.width && source.size.width > 0)
        #expect(source.y >= 0 && source.y + source.size.height <= decoded.height && source.size.height > 0)
        if zoom.isLargerThanArea(large, in: area), scale > 0.3 {
          #expect(target.x <= 0 && target.x + target.size.width >= 960)
          #expect(target.y <= 0 && target.y + target.size.height >= 690)
        }
        let pixel = scale * 4000 / Double(decoded.width)
        #expect(Double(target.size.width) <= 960 + 2 * pixel + 2)
      }
    }
  }

  @Test func decodingFollowsTheZoomWithinItsLimit() {
    var zoom = ImageZoom()
    #expect(zoom.decodingBox(large, in: area, pixelLimit: 1 << 40) == area)
    zoom.zoom(to: 1, atX: 0, y: 0, image: large, in: area)
    let box = zoom.decodingBox(large, in: area, pixelLimit: 1 << 40)
    #expect(large.fitted(into: box).covers(large))
    #expect(zoom.decodingBox(large, in: area, pixelLimit: 3_000_000) == PixelSize(width: 1920, height: 1380))
    #expect(zoom.decodingBox(nil, in: area, pixelLimit: 1 << 40) == area)
    zoom.zoom(to: 30, atX: 0, y: 0, image: large, in: area)
    #expect(zoom.decodingBox(large, in: area, pixelLimit: 1 << 40) == box, "no more than the image has")
  }
}
