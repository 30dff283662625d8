import Ground
import Testing
import Viewer

struct DCScansTests {
  private func kept(_ bytes: [UInt8], longest: Int = .max) -> [UInt8] {
    var scans = DCScans()
    var generator = SplitMix64(seed: 5)
    var count = 0
    while count < bytes.count {
      count += min(
        bytes.count - count, longest == .max ? .max : Int.random(in: 1...longest, using: &generator))
      Array(bytes.prefix(count)).withUnsafeBytes { scans.take($0) }
    }
    return scans.bytes
  }

  /// The numbers Ss of the scans. No other segment of these files has the bytes FF DA.
  private func spectralStarts(_ bytes: [UInt8]) -> [UInt8] {
    bytes.indices.dropLast(12).filter { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA }.map {
      bytes[$0 + 5 + 2 * Int(bytes[$0 + 4])]
    }
  }

  /// Where the colours have half the samples (4:2:0), the 2 + 2 scans of their AC coefficients stay.
  @Test(arguments: [(false, [0, 1, 1, 0, 1, 1]), (true, [0, 0])] as [(Bool, [UInt8])])
  func onlyScansThatChangeAPixelStay(isFullColour: Bool, starts: [UInt8]) throws {
    let pixels = [UInt8](repeating: 77, count: 64 * 48 * 4)
    let bytes = try TestJPEG.compress(
      pixels, .progressive, width: 64, height: 48, isExact: isFullColour)
    let kept = kept(bytes)
    #expect(spectralStarts(bytes).count == 10)
    #expect(spectralStarts(kept) == starts)
    #expect(kept.count < bytes.count && kept.suffix(2) == [0xFF, 0xD9])
  }

  @Test(arguments: [TestJPEG.Kind.baseline, .grayscale, .cmyk])
  func othersStayAsTheyAre(kind: TestJPEG.Kind) throws {
    let bytes = try TestJPEG.make(kind, width: 64, height: 48)
    #expect(kept(bytes) == bytes)
  }

  @Test(arguments: [TestJPEG.Kind.baseline, .progressive])
  func piecesGiveTheSame(kind: TestJPEG.Kind) throws {
    let bytes = try TestJPEG.make(kind, width: 320, height: 240)
    for longest in [1, 7, 300] {
      let isEqual = kept(bytes, longest: longest) == kept(bytes)
      #expect(isEqual, "\(longest)")
    }
  }

  /// No bytes trap, and none are kept twice.
  @Test func damageIsSurvived() throws {
    let bytes = try TestJPEG.make(.progressive, width: 64, height: 48)
    var generator = SplitMix64(seed: 9)
    for _ in 0..<2_000 {
      var damaged = bytes
      for _ in 0..<4 {
        damaged[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      damaged.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
      #expect(kept(damaged).count <= damaged.count)
    }
    for ending: [UInt8] in [
      [0xFF], [0xFF, 0xDA], [0xFF, 0xDA, 0, 2], [0xFF, 0xDA, 0, 3, 200, 0], [0xFF, 0xC4, 0, 0, 1],
    ] {
      #expect(kept([0xFF, 0xD8, 0xFF, 0xC2, 0, 2] + ending).starts(with: [0xFF, 0xD8, 0xFF, 0xC2, 0, 2]))
    }
  }
}
