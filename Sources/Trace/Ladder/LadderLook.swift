import Figures

/// Colours, dashes and widths of a ladder. The colour says the story. The kind and the fate are said without
/// colour.
enum LadderLook {
  /// For what belongs to no story.
  static let plain = "#6B7680"
  static let faint = "#8A949C"
  static let axis = "#202428"
  /// Behind the place where two sessions differ first.
  static let mark = "#FFE98A"

  private static let storyColors: [PlotColor] = [.vermilion, .blue, .green, .purple, .orange]

  /// Colours repeat. The number beside each arrow does not.
  static func color(story: Int?) -> String {
    story.map { storyColors[$0 % storyColors.count].rawValue } ?? plain
  }

  static func stroke(_ likeness: LadderLikeness?) -> SVGDrawing.Stroke {
    let color = color(story: likeness?.story)
    switch likeness?.name {
    case "data": return SVGDrawing.Stroke(color, width: likeness?.story == nil ? 1.2 : 1.8)
    case "repair", "parity repair": return SVGDrawing.Stroke(color, width: 3.2)
    case "parity": return SVGDrawing.Stroke(color, width: 2.2)
    case "NACK": return SVGDrawing.Stroke(color, width: 2.2, dashes: "8 4")
    case "repair notice": return SVGDrawing.Stroke(color, width: 2, dashes: "2 4")
    default: return SVGDrawing.Stroke(color, width: 1.2, dashes: "1.5 3")
    }
  }

  /// The legend, in the order of a transfer.
  static let kinds: [(name: String, likeness: LadderLikeness)] = [
    ("data", "data"), ("NACK", "nack"), ("repair notice", "repair_notice"), ("repair", "repair"),
    ("other control", "report"),
  ].map { name, type in
    let datagram = LadderDatagram(
      isFromSender: true, type: type == "repair" ? "data" : type, packetNumber: 0, isRepair: type == "repair")
    return (name, LadderLikeness(datagram, story: nil))
  }
}
