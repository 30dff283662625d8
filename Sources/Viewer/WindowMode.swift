/// What the window shows: all images, one image, or how the chunks of a set arrive.
package enum WindowMode: String, Sendable, CaseIterable {
  case grid, image, map
}
