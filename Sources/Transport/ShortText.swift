extension Double {
  /// `15`, `0.5`: to a thousandth, and without the fraction where the number is whole.
  package var shortText: String {
    let rounded = (self * 1_000).rounded() / 1_000
    return rounded == rounded.rounded() && abs(rounded) < 1e9 ? "\(Int(rounded))" : "\(rounded)"
  }
}
