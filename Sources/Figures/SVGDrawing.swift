/// A point of a drawing, in pixels from the upper left corner.
package struct SVGPoint: Equatable, Sendable {
  package var x: Double
  package var y: Double

  package init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }

  /// The point at this part of the way to another one: 0 is here, 1 is there.
  package func towards(_ other: SVGPoint, _ part: Double) -> SVGPoint {
    SVGPoint(x + (other.x - x) * part, y + (other.y - y) * part)
  }
}

/// A picture as SVG text, written without another program. Shapes drawn later cover those drawn before.
package struct SVGDrawing: Sendable {
  /// How a line looks.
  package struct Stroke: Sendable {
    package var color: String
    package var width: Double
    /// Lengths of dashes and gaps in pixels, as SVG writes them; nil for a whole line.
    package var dashes: String?

    package init(_ color: String, width: Double, dashes: String? = nil) {
      self.color = color
      self.width = width
      self.dashes = dashes
    }

    fileprivate var attributes: String {
      "stroke=\"\(color)\" stroke-width=\"\(SVGDrawing.number(width))\""
        + (dashes.map { " stroke-dasharray=\"\($0)\"" } ?? "")
    }
  }

  /// Which end of a text lies at its point.
  package enum Anchor: String, Sendable { case start, middle, end }

  private var body = ""

  package init() {}

  package mutating func line(_ from: SVGPoint, _ to: SVGPoint, _ stroke: Stroke) {
    body +=
      "<line x1=\"\(Self.number(from.x))\" y1=\"\(Self.number(from.y))\" "
      + "x2=\"\(Self.number(to.x))\" y2=\"\(Self.number(to.y))\" \(stroke.attributes)/>\n"
  }

  package mutating func polygon(_ points: [SVGPoint], fill: String, opacity: Double = 1) {
    let text = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
    body += "<polygon points=\"\(text)\" fill=\"\(fill)\" fill-opacity=\"\(HumanText.fixed(opacity, 2))\"/>\n"
  }

  package mutating func circle(_ center: SVGPoint, radius: Double, fill: String, _ stroke: Stroke) {
    body +=
      "<circle cx=\"\(Self.number(center.x))\" cy=\"\(Self.number(center.y))\" r=\"\(Self.number(radius))\" "
      + "fill=\"\(fill)\" \(stroke.attributes)/>\n"
  }

  /// A line of text. It may have any characters.
  package mutating func text(
    _ text: String, _ at: SVGPoint, anchor: Anchor = .start, size: Double = 12,
    color: String = PlotColor.black.rawValue, isBold: Bool = false
  ) {
    body +=
      "<text x=\"\(Self.number(at.x))\" y=\"\(Self.number(at.y))\" text-anchor=\"\(anchor.rawValue)\" "
      + "font-size=\"\(Self.number(size))\" fill=\"\(color)\""
      + (isBold ? " font-weight=\"bold\"" : "") + ">\(Self.escaped(text))</text>\n"
  }

  /// The whole file. Screen readers read the title and the description.
  package func document(width: Double, height: Double, title: String, description: String) -> String {
    let size = "\(Self.number(width)) \(Self.number(height))"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.number(width))" height="\(Self.number(height))" \
      viewBox="0 0 \(size)" font-family="DejaVu Sans, Verdana, Arial, sans-serif" role="img">
      <title>\(Self.escaped(title))</title>
      <desc>\(Self.escaped(description))</desc>
      <rect width="100%" height="100%" fill="#FFFFFF"/>
      \(body)</svg>

      """
  }

  /// A tenth of a pixel is enough.
  private static func number(_ value: Double) -> String {
    let text = HumanText.fixed(value, 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// XML 1.0 §2.2 and §2.4. Control characters have no form in XML, and become a question mark.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\u{0}"..<" ", "\u{7F}"..<"\u{A0}", "\u{FFFE}", "\u{FFFF}": result += "?"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
