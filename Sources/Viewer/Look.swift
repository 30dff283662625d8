/// Whether the window is dark or light.
package enum Theme: String, Sendable, CaseIterable {
  case dark, light

  var other: Theme { self == .dark ? .light : .dark }
}

/// How a person wants the window to look.
package struct Look: Sendable, Equatable {
  package var theme: Theme
  /// The size of texts beside the usual one, in percent, 50 ... 300.
  package private(set) var textPercent: Int

  package init(theme: Theme = .dark, textPercent: Int = 100) {
    self.theme = theme
    self.textPercent = min(max(textPercent, 50), 300)
  }

  /// Larger or smaller texts, by a quarter of the usual size.
  package mutating func changeText(by steps: Int) {
    self = Look(theme: theme, textPercent: textPercent + 25 * steps)
  }

  var palette: Palette { theme == .dark ? .dark : .light }
}
