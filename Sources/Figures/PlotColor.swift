/// Colours of Okabe and Ito ("Color Universal Design", 2008). People with any kind of colour vision can tell
/// them apart.
package enum PlotColor: String, CaseIterable, Sendable {
  case blue = "#0072B2"
  case vermilion = "#D55E00"
  case green = "#009E73"
  case purple = "#CC79A7"
  case orange = "#E69F00"
  case sky = "#56B4E9"
  case black = "#000000"

  /// As gnuplot takes it.
  package var line: String { "lc rgb '\(rawValue)'" }
}
