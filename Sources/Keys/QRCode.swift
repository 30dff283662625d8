import CLate

/// A QR code (ISO/IEC 18004): a square of dark and light modules that a camera reads.
package struct QRCode: Equatable, Sendable {
  /// Modules a side, without the light margin.
  package let width: Int
  /// Row by row; true is dark.
  private let modules: [Bool]

  /// Modules of light around the code, as the standard asks for.
  private static let margin = 4

  /// The bytes of `text`, with the lowest level of error correction. Nil when libqrencode is not on this
  /// host, or when the text is too long.
  package init?(_ text: String) {
    var modules = [UInt8](repeating: 0, count: Int(LATE_QR_MODULES))
    width = Int(late_qr_code(text, &modules))
    guard width > 0 else { return nil }
    self.modules = modules.prefix(width * width).map { $0 == 1 }
  }

  /// Light outside of the code.
  package func isDark(row: Int, column: Int) -> Bool {
    (0..<width).contains(row) && (0..<width).contains(column) && modules[row * width + column]
  }

  /// For a terminal: two rows of modules in a line, with the margin. The colours are fixed, so that a camera
  /// reads it on a dark terminal and on a light one.
  package var lines: [String] {
    stride(from: -Self.margin, to: width + Self.margin, by: 2).map { row in
      let cells = (-Self.margin..<width + Self.margin).map { column in
        switch (isDark(row: row, column: column), isDark(row: row + 1, column: column)) {
        case (false, false): " "
        case (true, false): "▀"
        case (false, true): "▄"
        case (true, true): "█"
        }
      }
      // Black on white: colours 16 and 231 of the 256 are the same in every theme.
      return "\u{1B}[38;5;16;48;5;231m" + cells.joined() + "\u{1B}[0m"
    }
  }
}
