#if Viewer
import CSDL2

/// The strip under the map: rate, loss and NACKs over the last seconds, a row each.
struct TrafficScene {
  let traffic: Traffic

  /// With the line that says what time it covers.
  static func height(textHeight: Int) -> Int { textHeight * 7 }

  /// Before the time axis.
  static func labelWidth(textHeight: Int) -> Int { textHeight * 9 }

  func draw(x: Int, y: Int, width: Int, textHeight: Int, on canvas: Canvas) {
    let label = Self.labelWidth(textHeight: textHeight)
    let frame = SDL_Rect(
      x: Int32(x + label), y: Int32(y), w: Int32(max(1, width - label)), h: 0)
    // Samples are a tenth of a second apart: narrower bars would flicker.
    let binWidth = max(2, textHeight / 5, Int(frame.w) / 150)
    let bins = traffic.bins(count: max(1, Int(frame.w) / binWidth))
    let latest = traffic.latest
    let peak = bins.reduce(0) { max($0, $1?.bytesPerSecond ?? 0) }
    let worst = max(0.1, bins.reduce(0) { max($0, $1?.lossFraction ?? 0) })
    let rows: [(String, String, Int, Color, (Traffic.Bin) -> Double)] = [
      (
        "rate", latest.map { DisplayText.byteCount(UInt64(min(1e18, $0.bytesPerSecond))) + "/s" } ?? "",
        textHeight * 5 / 2, canvas.palette.arrived, { peak > 0 ? $0.bytesPerSecond / peak : 0 }
      ),
      (
        "lost", latest.map { DisplayText.percent($0.lossFraction) } ?? "", textHeight * 3 / 2,
        canvas.palette.lost,
        { $0.lossFraction / worst }
      ),
      (
        "NACKs", traffic.samples.last.map { "\($0.nackCount)" } ?? "", textHeight * 5 / 4,
        canvas.palette.asked,
        { $0.nackCount > 0 ? 1 : 0 }
      ),
    ]
    var top = y
    for (name, value, height, color, share) in rows {
      let textTop = top + (height - textHeight) / 2
      canvas.text(name, x: x, y: textTop, height: textHeight, width: label / 2, canvas.palette.quietText)
      canvas.text(
        value, x: x + label - textHeight / 2, y: textTop, height: textHeight, width: label * 2 / 3,
        canvas.palette.text, .trailing)
      canvas.fill(
        SDL_Rect(x: frame.x, y: Int32(top), w: frame.w, h: Int32(height - textHeight / 4)),
        canvas.palette.strip)
      for (place, bin) in bins.enumerated() {
        guard let bin, share(bin) > 0 else { continue }
        let full = height - textHeight / 4
        let part = min(full, max(1, Int((share(bin) * Double(full)).rounded())))
        canvas.fill(
          SDL_Rect(
            x: frame.x + Int32(place * binWidth), y: Int32(top + full - part), w: Int32(max(1, binWidth - 1)),
            h: Int32(part)), color)
      }
      top += height
    }
    let span = traffic.window
    canvas.text(
      DisplayText.seconds(span.lowerBound), x: Int(frame.x), y: top, height: textHeight * 4 / 5,
      width: Int(frame.w) / 3, canvas.palette.quietText)
    canvas.text(
      DisplayText.seconds(span.upperBound), x: x + width, y: top, height: textHeight * 4 / 5,
      width: Int(frame.w) / 3, canvas.palette.quietText, .trailing)
    canvas.text(
      "loss: full height is \(DisplayText.percent(worst))", x: Int(frame.x) + Int(frame.w) / 2, y: top,
      height: textHeight * 4 / 5, width: Int(frame.w) / 3, canvas.palette.quietText, .center)
  }
}
#endif
