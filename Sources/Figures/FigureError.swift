import FoundationEssentials
import Glibc

/// Why a result cannot be drawn, written or read again. One line each: what, where, what to do.
package enum FigureError: Error, Equatable, CustomStringConvertible {
  case cannotPlot(reason: String)
  case cannotRead(path: String, reason: String)
  case cannotWrite(path: String, reason: String)

  package var description: String {
    switch self {
    case .cannotPlot(let reason): "cannot plot: \(reason)"
    case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
    case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
    }
  }
}

/// The reason in an error of Foundation.
package enum ErrorReason {
  /// The system's own words. Foundation's sentence around them says the path again.
  package static func text(_ error: any Error) -> String {
    guard let cause = ((error as? CocoaError)?.underlying ?? error) as? POSIXError else { return "\(error)" }
    return String(cString: strerror(cause.code.rawValue))
  }
}
