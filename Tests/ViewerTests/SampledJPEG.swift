/// A baseline encoder for what TurboJPEG does not write: any sampling of the three components.
///
/// Each block has one colour: a DC coefficient and nothing else, quantised by 1.
struct SampledJPEG {
  /// Horizontal and vertical sampling factors of Y, Cb and Cr, each in 1...4.
  var sampling: [(horizontal: Int, vertical: Int)]
  private var bits: [Bool] = []

  init(_ sampling: [(horizontal: Int, vertical: Int)]) { self.sampling = sampling }

  /// A picture whose left half is red and right half blue.
  mutating func make(width: Int, height: Int) -> [UInt8] {
    bits = []
    let widest = sampling.map(\.horizontal).max() ?? 1
    let highest = sampling.map(\.vertical).max() ?? 1
    let columns = (width + 8 * widest - 1) / (8 * widest)
    let rows = (height + 8 * highest - 1) / (8 * highest)
    let red = [76, 85, 255]  // Y, Cb, Cr
    let blue = [29, 255, 107]
    var last = [0, 0, 0]
    for mcu in 0..<(rows * columns) {
      for (component, factors) in sampling.enumerated() {
        for block in 0..<(factors.horizontal * factors.vertical) {
          let column = mcu % columns * factors.horizontal + block % factors.horizontal
          let middle = (2 * column + 1) * 4 * widest / factors.horizontal
          let level = 8 * ((middle < width / 2 ? red : blue)[component] - 128)
          append(difference: level - last[component])
          last[component] = level
        }
      }
    }
    return header(width: width, height: height) + scanBytes() + [0xFF, 0xD9]
  }

  private func header(width: Int, height: Int) -> [UInt8] {
    var bytes: [UInt8] = [0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0] + [UInt8](repeating: 1, count: 64)
    bytes += [
      0xFF, 0xC0, 0, 17, 8, UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255), 3,
    ]
    for (component, factors) in sampling.enumerated() {
      bytes += [UInt8(component + 1), UInt8(factors.horizontal << 4 | factors.vertical), 0]
    }
    // Twelve DC codes of four bits, for differences of 0 to 11 bits; one AC code of one bit, the end of a
    // block.
    bytes += [0xFF, 0xC4, 0, 31, 0, 0, 0, 0, 12] + [UInt8](repeating: 0, count: 12) + Array(0...11)
    bytes += [0xFF, 0xC4, 0, 20, 0x10, 1] + [UInt8](repeating: 0, count: 15) + [0]
    return bytes + [0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0]
  }

  /// T.81 §F.1.2.1: the number of bits, then the bits, those of a negative number less one.
  private mutating func append(difference: Int) {
    let magnitude = abs(difference)
    let bitCount = Int.bitWidth - magnitude.leadingZeroBitCount
    append(bitCount, bitCount: 4)
    append(difference < 0 ? difference - 1 : difference, bitCount: bitCount)
    append(0, bitCount: 1)
  }

  private mutating func append(_ value: Int, bitCount: Int) {
    for bit in (0..<bitCount).reversed() { bits.append(value >> bit & 1 == 1) }
  }

  private func scanBytes() -> [UInt8] {
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: bits.count, by: 8) {
      let byte = (start..<(start + 8)).reduce(UInt8(0)) { $0 << 1 | ($1 >= bits.count || bits[$1] ? 1 : 0) }
      bytes += byte == 0xFF ? [byte, 0] : [byte]
    }
    return bytes
  }
}
