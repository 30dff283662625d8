import Foundation

/// Whether sweeps run in full. Without it they run as many cases as a build can wait for.
package enum FullRun {
  /// The environment has GALLERY_FULL.
  package static let isAsked = ProcessInfo.processInfo.environment["GALLERY_FULL"] != nil

  /// The number of seeds or steps of a sweep.
  package static func count<Number>(_ full: Number, otherwise few: Number) -> Number { isAsked ? full : few }
}
