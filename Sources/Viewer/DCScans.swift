import Glibc

/// The part of a progressive JPEG that its picture at an eighth of the size needs: there a block is one
/// pixel, which its DC coefficient tells alone. The scans of its AC coefficients (Ss > 0, ITU-T T.81
/// §G.1.1.1.1), most of the file, are left out, because decoding them takes most of the time. Other JPEGs are
/// kept as they are.
///
/// Of a colour with half the samples each way, libjpeg decodes a block to 2 × 2 pixels, and needs the AC
/// coefficients too (`jpeg_calc_output_dimensions`). The file may still be arriving.
package struct DCScans {
  /// What is kept, from the file's beginning.
  package private(set) var bytes: [UInt8] = []

  private enum Place {
    case markers
    case entropyCoded(isKept: Bool)
    /// Behind a segment that contradicts the format: the decoder must see what comes.
    case everything
    case end
  }
  private var place = Place.markers
  /// The components of a progressive image whose blocks are one pixel, by the identifiers of T.81 §B.2.2.
  private var components: Set<UInt8> = []
  /// Bytes of the file that were looked at.
  private var position = 0

  package init() {}

  /// Goes on with a file of which more has arrived. The bytes of an earlier call must be among these.
  package mutating func take(_ file: UnsafeRawBufferPointer) {
    var goesOn = true
    while goesOn, position < file.count {
      switch place {
      case .markers: goesOn = takeSegment(file)
      case .entropyCoded(let isKept): goesOn = takeEntropyCoded(file, isKept: isKept)
      case .everything: keep(file, to: file.count)
      case .end: position = file.count
      }
    }
  }

  private mutating func keep(_ file: UnsafeRawBufferPointer, to end: Int) {
    bytes.append(contentsOf: file[position..<end])
    position = end
  }

  /// One marker with its segment, or one byte that belongs to none. False when not all of it is here.
  private mutating func takeSegment(_ file: UnsafeRawBufferPointer) -> Bool {
    guard file[position] == 0xFF else {
      keep(file, to: position + 1)
      return true
    }
    guard position + 2 <= file.count else { return false }
    let marker = file[position + 1]
    switch marker {
    case 0xFF:  // a fill byte
      keep(file, to: position + 1)
      return true
    case 0x00, 0x01, 0xD0...0xD9:  // they stand alone
      keep(file, to: position + 2)
      if marker == 0xD9 { place = .end }
      return true
    default: break
    }
    guard position + 4 <= file.count else { return false }
    let length = Int(file[position + 2]) << 8 | Int(file[position + 3])
    guard length >= 2 else {
      place = .everything
      return true
    }
    let end = position + 2 + length
    guard end <= file.count else { return false }
    let body = UnsafeRawBufferPointer(rebasing: file[(position + 4)..<end])
    if [0xC2, 0xC6, 0xCA, 0xCE].contains(marker) { components = Self.components(body) }
    let isKept = marker != 0xDA || !isSuperfluous(body)
    if isKept { keep(file, to: end) } else { position = end }
    if marker == 0xDA { place = .entropyCoded(isKept: isKept) }
    return true
  }

  /// Whether a scan has AC coefficients of a component whose blocks are one pixel. Such a scan has one
  /// component.
  private func isSuperfluous(_ scan: UnsafeRawBufferPointer) -> Bool {
    // Number of components, identifier and tables, Ss.
    scan.count >= 4 && scan[0] == 1 && scan[3] > 0 && components.contains(scan[1])
  }

  /// From the body of a frame header.
  private static func components(_ frame: UnsafeRawBufferPointer) -> Set<UInt8> {
    guard frame.count >= 6, frame.count >= 6 + 3 * Int(frame[5]) else { return [] }
    let all = (0..<Int(frame[5])).map { index in
      let place = 6 + 3 * index
      return (id: frame[place], width: Int(frame[place + 1] >> 4), height: Int(frame[place + 1] & 15))
    }
    let (width, height) = (all.map(\.width).max() ?? 0, all.map(\.height).max() ?? 0)
    return Set(
      all.filter { one in
        one.width > 0 && one.height > 0
          && (width % (2 * one.width) != 0 || height % (2 * one.height) != 0)
      }.map(\.id))
  }

  /// Up to the next marker that is neither a restart (RSTn) nor a stuffed zero. False when it is not here.
  private mutating func takeEntropyCoded(_ file: UnsafeRawBufferPointer, isKept: Bool) -> Bool {
    guard let base = file.baseAddress else { return false }
    var end = position
    var hasEnded = false
    while end < file.count {
      guard let found = memchr(base + end, 0xFF, file.count - end) else {
        end = file.count
        break
      }
      end = UnsafeRawPointer(found) - base
      guard end + 1 < file.count else { break }
      let next = file[end + 1]
      if next == 0xFF {
        end += 1
      } else if next == 0 || (0xD0...0xD7).contains(next) {
        end += 2
      } else {
        place = .markers
        hasEnded = true
        break
      }
    }
    if isKept { keep(file, to: end) } else { position = end }
    return hasEnded
  }
}
