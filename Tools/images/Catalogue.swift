/// One picture of the collection.
struct Picture: Sendable {
  /// `small/NAME.jpg` or `large/NAME.jpg`.
  var path: String
  var size: Size
  /// Bytes the file may have; the quality is the highest that fits.
  var byteLimit: Int
  var form = JpegForm()
  var render: @Sendable (Size) -> Raster

  var isLarge: Bool { path.hasPrefix("large/") }
}

private func small(
  _ name: String, _ width: Int, _ height: Int, _ byteLimit: Int = 46_500, form: JpegForm = JpegForm(),
  _ render: @escaping @Sendable (Size) -> Raster
) -> Picture {
  Picture(
    path: "small/\(name).jpg", size: Size(width: width, height: height), byteLimit: byteLimit, form: form,
    render: render)
}

private func large(
  _ name: String, _ width: Int, _ height: Int, _ byteLimit: Int, form: JpegForm = JpegForm(),
  _ render: @escaping @Sendable (Size) -> Raster
) -> Picture {
  Picture(
    path: "large/\(name).jpg", size: Size(width: width, height: height), byteLimit: byteLimit, form: form,
    render: render)
}

private let progressive = JpegForm(isProgressive: true)

/// All pictures, in the order of their names.
let catalogue: [Picture] = smallPictures + largePictures

private let smallPictures: [Picture] = [
  small("01-mandelbrot-seahorse-tail", 640, 480) {
    MandelbrotView(
      centre: Point(-0.7453, 0.1127), radius: 0.0033, limit: 1500, samples: 9,
      gradient: Gradient([0x0B1026, 0x2B4C9B, 0x7FD1E8, 0xFFF8DC, 0xF6AE2D, 0x8C2F39, 0x0B1026]),
      density: 0.9,
      phase: 0.1
    ).render($0)
  },
  small("02-julia-dendrite", 480, 640) {
    JuliaView(
      c: Point(-0.10109636, 0.95628651), radius: 1.02, turnedBy: 0.35, limit: 600, samples: 9,
      gradient: Gradient([0x1A0B2E, 0x5B2A86, 0xE0559A, 0xFFD1A9, 0xFFF7E8, 0x4B9CA8, 0x1A0B2E]),
      density: 0.55,
      phase: 0.0, interior: hex(0x10061C)
    ).render($0)
  },
  small("03-burning-ship", 720, 480) { renderBurningShip($0) },
  small("04-newton-eight-roots", 640, 480) { renderNewton($0) },
  small("05-complex-rational", 640, 480) { renderRational($0) },
  small("06-ink-currents", 480, 640, 56_000) { renderInk($0) },
  small("07-archipelago", 640, 480) { renderArchipelago($0) },
  small("08-clifford-attractor", 640, 480) { renderClifford($0) },
  small("09-reaction-diffusion-coral", 640, 480, 56_000) { renderCoral($0) },
  small("10-voronoi-stained-glass", 480, 640) { renderStainedGlass($0) },
  small("11-quasicrystal", 600, 600) { renderQuasicrystal($0) },
  small("12-sunflower", 640, 480) { renderSunflower($0) },
  small("13-truchet-ribbons", 480, 640) { renderTruchet($0) },
  small("14-poincare-heptagons", 640, 640) { renderPoincare($0) },
  small("15-sandpile", 600, 600, 56_000) { renderSandpile($0) },
  small("16-lyapunov-zircon", 640, 480) { renderLyapunov($0) },
  small("17-mandelbulb", 480, 640) { renderMandelbulb($0) },
  small("18-marble", 720, 480, form: progressive) { renderMarble($0) },
  small("19-harmonograph", 480, 640) { renderHarmonograph($0) },
  small("20-barnsley-fern", 480, 640) { renderFern($0) },
]

private let largePictures: [Picture] = [
  large("01-mandelbrot-island", 4096, 3072, 4_600_000) {
    MandelbrotView(
      centre: Point(-0.7436450, 0.1318264), radius: 0.0000026, limit: 2000, samples: 2,
      gradient: Gradient([0x08101F, 0x123A6B, 0x2FA4B5, 0xF4F1DE, 0xF2B04A, 0xB23A48, 0x3D1440, 0x08101F]),
      density: 1.6, phase: 0.25
    ).render($0)
  },
  large("02-eroded-mountains", 5184, 3456, 5_400_000, form: progressive) { renderMountains($0) },
  large("03-de-jong-attractor", 3456, 4608, 3_900_000, form: JpegForm(isGrayscale: true)) {
    renderDeJong($0)
  },
  large("04-ribbons", 4608, 3456, 4_200_000) { renderRibbons($0) },
  large("05-klein-invariant", 4608, 3456, 4_800_000, form: progressive) { renderKlein($0, samples: 4) },
  large("06-apollonian-gaskets", 3456, 4608, 4_800_000) { renderGasket($0) },
  large("07-menger-sponge", 4608, 3072, 4_400_000) { renderSponge($0, samples: 2) },
  large("08-julia-fifty-megapixels", 8192, 6144, 5_900_000) {
    JuliaView(
      c: Point(-0.79, 0.1555), radius: 0.92, turnedBy: 0.3, limit: 1500, samples: 1,
      gradient: Gradient([0x0A0F24, 0x27408B, 0x3FA7D6, 0xEAF6F6, 0xFAC05E, 0xEE6352, 0x5C1A4B, 0x0A0F24]),
      density: 0.8, phase: 0.0, interior: hex(0x0A0F24)
    ).render($0)
  },
]
