extension Double {
  /// `15`, `0.5`: without the fraction where the number is whole.
  var shortText: String { self == rounded() && self < 1e9 ? "\(Int(self))" : "\(self)" }
}
