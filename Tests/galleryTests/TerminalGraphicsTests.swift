import Foundation
import Testing
import Viewer

import gallery

/// What a terminal says of itself, and pictures in its protocols.
@Suite(.sideBySide) struct TerminalGraphicsTests {
  @Test(arguments: [
    ("\u{1B}_Gi=31;OK\u{1B}\\\u{1B}[?62;c", TerminalGraphics.kitty),
    ("\u{1B}[?62;4;6c", .sixel), ("\u{1B}[?4c", .sixel), ("\u{1B}[?64;1;2;14;22c", .blocks),
    ("\u{1B}_Gi=31;EINVAL\u{1B}\\\u{1B}[?62;c", .blocks), ("", .blocks), ("4c", .blocks),
  ])
  func theAnswerTells(answer: String, graphics: TerminalGraphics) {
    #expect(TerminalGraphics(answer: answer) == graphics)
  }

  private static let size = PixelSize(width: 40, height: 13)
  /// The left half red, the right one blue.
  private static let pixels = (0..<(40 * 13)).map { $0 % 40 < 20 ? UInt32(0xFF_0000) : 0x00_00FF }

  /// A reader of sixels that was written from DEC's manual: the colour of each pixel, in percent.
  private static func readSixel(_ text: String) throws -> [[Int]: [Int]] {
    let body = try #require(text.split(separator: "q", maxSplits: 1).last).dropLast(2)
    #expect(text.hasPrefix("\u{1B}P") && text.hasSuffix("\u{1B}\\") && body.hasPrefix("\"1;1;40;13"))
    var (x, y, color, count) = (0, 0, 0, 1)
    var colors: [Int: [Int]] = [:]
    var pixels: [[Int]: [Int]] = [:]
    var rest = body.drop { $0 != "#" }
    func number() -> Int {
      let digits = rest.prefix { $0.isNumber }
      rest = rest.dropFirst(digits.count)
      return Int(digits) ?? -1
    }
    while let letter = rest.popFirst() {
      switch letter {
      case "#":
        color = number()
        var parts: [Int] = []
        while rest.first == ";" {
          rest = rest.dropFirst()
          parts.append(number())
        }
        if parts.count == 4 { colors[color] = Array(parts.dropFirst()) }
      case "!": count = number()
      case "$": x = 0
      case "-": (x, y) = (0, y + 6)
      default:
        let bits = Int(letter.asciiValue ?? 63) - 63
        for column in x..<x + count {
          for row in 0..<6 where bits & 1 << row != 0 { pixels[[column, y + row]] = colors[color] }
        }
        (x, count) = (x + count, 1)
      }
    }
    return pixels
  }

  @Test func sixelsAreThePixels() throws {
    let text = TerminalGraphics.sixel.text(Self.pixels, size: Self.size, columns: 5, rows: 1)
    let read = try Self.readSixel(text)
    #expect(read.count == 40 * 13)
    for y in 0..<13 {
      for x in 0..<40 { #expect(read[[x, y]] == (x < 20 ? [100, 0, 0] : [0, 0, 100]), "(\(x), \(y))") }
    }
  }

  @Test func kittyGetsRGBInPieces() throws {
    let size = PixelSize(width: 80, height: 40)
    let pixels = (0..<3_200).map { UInt32($0) &* 2_654_435 & 0xFF_FFFF }
    let text = TerminalGraphics.kitty.text(pixels, size: size, columns: 10, rows: 3)
    let pieces = text.components(separatedBy: "\u{1B}_G").dropFirst(2)
    #expect(pieces.count == 4, "12,800 letters in pieces of 4,096")
    #expect(pieces.first?.hasPrefix("a=T,f=24,s=80,v=40,c=10,r=3,q=2,C=1,m=1;") == true)
    #expect(pieces.last?.hasPrefix("m=0;") == true && pieces.allSatisfy { $0.hasSuffix("\u{1B}\\") })
    let letters = pieces.map { $0.dropLast(2).drop { $0 != ";" }.dropFirst() }.joined()
    let bytes = try #require(Data(base64Encoded: letters))
    #expect(bytes.count == 9_600)
    for place in 0..<3_200 {
      let pixel = bytes[3 * place..<3 * place + 3].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      #expect(pixel == pixels[place])
    }
  }

  @Test func textHasNoPixels() {
    #expect(TerminalGraphics.blocks.text(Self.pixels, size: Self.size, columns: 5, rows: 1).isEmpty)
  }
}
