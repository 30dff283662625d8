import Glibc

/// Why a run over loopback is no result. One line each: what, where, what to do.
package enum RunError: Error, Equatable, CustomStringConvertible {
  case noPort(errno: Int32)
  /// A report does not balance, Specs/accounting.md §10.
  case unbalanced(String)

  package var description: String {
    switch self {
    case .noPort(let code): "no free UDP port on loopback: \(String(cString: strerror(code)))"
    case .unbalanced(let text): "\(text); this is a fault of gallery: tell its authors"
    }
  }
}
