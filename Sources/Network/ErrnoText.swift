internal import Glibc

extension String {
  /// What the C library calls an error number: "No route to host".
  package init(errnoCode: Int32) {
    self = strerror(errnoCode).map { String(cString: $0) } ?? "error \(errnoCode)"
  }
}
