import FoundationEssentials
import Glibc
package import Viewer

/// How a terminal can show a picture: in half blocks of text, or by one of two protocols for pixels.
package enum TerminalGraphics: Sendable, Equatable {
  case blocks, sixel, kitty

  /// What a terminal's answer says: to kitty's question for graphics, then to DEC's for the terminal's kind
  /// ("primary device attributes"), in which 4 is sixel.
  package init(answer: String) {
    if answer.contains("\u{1B}_Gi=31;OK") {
      self = .kitty
      return
    }
    let attributes = answer.split(separator: "\u{1B}[?", omittingEmptySubsequences: false).dropFirst()
      .compactMap { part in
        part.firstIndex(of: "c").map { part[..<$0].split(separator: ";") }
      }
    self = attributes.contains { $0.contains("4") } ? .sixel : .blocks
  }

  /// A picture of one pixel that is not to be shown, and the question that every terminal answers.
  package static let question = "\u{1B}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u{1B}\\\u{1B}[c"
  private static let answerByteLimit = 1_024

  /// Asks the terminal of standard input and output. One that does not answer within 0.3 s, and what is no
  /// terminal, gets blocks.
  static func ask() -> TerminalGraphics {
    var former = termios()
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &former) == 0
    else { return .blocks }
    var raw = former
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
    guard tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0 else { return .blocks }
    defer { tcsetattr(STDIN_FILENO, TCSANOW, &former) }
    StandardStreams.product(question)
    var answer: [UInt8] = []
    var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    while answer.count < answerByteLimit, answer.last != UInt8(ascii: "c"), poll(&descriptor, 1, 300) > 0 {
      var piece = [UInt8](repeating: 0, count: 256)
      let count = read(STDIN_FILENO, &piece, piece.count)
      guard count > 0 else { break }
      answer += piece.prefix(count)
    }
    return TerminalGraphics(answer: String(decoding: answer, as: UTF8.self))
  }

  /// The bytes that show pixels (0xRRGGBB) from the cursor on; empty for `.blocks`. `rows`, `columns`: the
  /// characters that they cover.
  package func text(_ pixels: [UInt32], size: PixelSize, columns: Int, rows: Int) -> String {
    switch self {
    case .blocks: ""
    case .sixel: Self.sixel(pixels, size)
    case .kitty: Self.kitty(pixels, size, columns, rows)
    }
  }

  /// kitty's graphics protocol: RGB in base64, in pieces of 4,096 characters. The picture before goes away,
  /// and the cursor stays.
  private static func kitty(_ pixels: [UInt32], _ size: PixelSize, _ columns: Int, _ rows: Int) -> String {
    var bytes = Data(capacity: pixels.count * 3)
    for pixel in pixels {
      bytes.append(contentsOf: [
        UInt8(pixel >> 16 & 255), UInt8(pixel >> 8 & 255), UInt8(pixel & 255),
      ])
    }
    let letters = Array(bytes.base64EncodedString().utf8)
    var text = "\u{1B}_Ga=d,q=2\u{1B}\\"
    for start in stride(from: 0, to: letters.count, by: 4_096) {
      let end = min(letters.count, start + 4_096)
      let head =
        start == 0
        ? "a=T,f=24,s=\(size.width),v=\(size.height),c=\(columns),r=\(rows),q=2,C=1," : ""
      text += "\u{1B}_G\(head)m=\(end < letters.count ? 1 : 0);"
      text += String(decoding: letters[start..<end], as: UTF8.self) + "\u{1B}\\"
    }
    return text
  }

  /// DEC's sixel graphics: six rows at a time, a colour after the other, of 6 × 6 × 6 colours. The error of
  /// each pixel goes to its right neighbour, so that no bands appear.
  private static func sixel(_ pixels: [UInt32], _ size: PixelSize) -> String {
    var colors = [UInt8](repeating: 0, count: pixels.count)
    for y in 0..<size.height {
      var error = (0, 0, 0)
      for x in 0..<size.width {
        let pixel = pixels[y * size.width + x]
        func level(_ value: Int, _ error: inout Int) -> Int {
          let wanted = min(255, max(0, value + error))
          let level = (wanted + 25) / 51
          error = wanted - level * 51
          return level
        }
        let red = level(Int(pixel >> 16 & 255), &error.0)
        let green = level(Int(pixel >> 8 & 255), &error.1)
        let blue = level(Int(pixel & 255), &error.2)
        colors[y * size.width + x] = UInt8(red * 36 + green * 6 + blue)
      }
    }
    var text = "\u{1B}Pq\"1;1;\(size.width);\(size.height)"
    for color in Set(colors).sorted() {
      let number = Int(color)
      text += "#\(number);2;\(number / 36 * 20);\(number / 6 % 6 * 20);\(number % 6 * 20)"
    }
    for top in stride(from: 0, to: size.height, by: 6) {
      let rows = top..<min(size.height, top + 6)
      let band = Set(colors[(rows.lowerBound * size.width)..<(rows.upperBound * size.width)]).sorted()
      for color in band {
        text += "#\(color)"
        var run: (letter: UInt8, count: Int) = (0, 0)
        for x in 0..<size.width {
          var bits: UInt8 = 0
          for row in rows where colors[row * size.width + x] == color { bits |= 1 << UInt8(row - top) }
          if bits + 63 != run.letter {
            text += repeated(run)
            run = (bits + 63, 0)
          }
          run.count += 1
        }
        text += repeated(run) + "$"
      }
      text += "-"
    }
    return text + "\u{1B}\\"
  }

  private static func repeated(_ run: (letter: UInt8, count: Int)) -> String {
    guard run.count > 0 else { return "" }
    let letter = String(decoding: [run.letter], as: UTF8.self)
    return run.count > 3 ? "!\(run.count)\(letter)" : String(repeating: letter, count: run.count)
  }
}

/// The terminal of standard output: how large it is, and how it shows pictures.
struct TerminalScreen {
  let isTerminal = isatty(STDOUT_FILENO) == 1
  let hasColor = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
  let graphics: TerminalGraphics
  /// Of a terminal that does not say how large a character is.
  private static let usualCharacter = PixelSize(width: 8, height: 16)

  init() { graphics = TerminalGraphics.ask() }

  /// Characters.
  var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return (TableWidth.columns, 24)
    }
    return (max(20, Int(size.ws_col)), max(8, Int(size.ws_row)))
  }

  /// Pixels of a character.
  var character: PixelSize {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0,
      size.ws_xpixel >= size.ws_col, size.ws_ypixel >= size.ws_row
    else { return Self.usualCharacter }
    return PixelSize(
      width: min(64, Int(size.ws_xpixel / size.ws_col)), height: min(64, Int(size.ws_ypixel / size.ws_row)))
  }

  /// An image in at most `columns` by `rows` characters, as the terminal can show it, and how many rows it
  /// covers.
  func picture(
    of item: GalleryItem, columns: Int, rows: Int
  ) throws(ViewerError) -> (text: String, rowCount: Int) {
    let character = character
    let box = PixelSize(width: columns * character.width, height: rows * character.height)
    if graphics != .blocks, let image = try TerminalPicture.image(of: item, box: box) {
      let size = image.sourceSize.fitted(into: box)
      let columnCount = (size.width + character.width - 1) / character.width
      let rowCount = (size.height + character.height - 1) / character.height
      let pixels = TerminalPicture.pixels(of: image, size: size)
      return (graphics.text(pixels, size: size, columns: columnCount, rows: rowCount), rowCount)
    }
    let lines = try TerminalPicture.lines(of: item, columns: columns, rows: rows)
    return (lines.joined(separator: "\r\n"), lines.count)
  }
}
