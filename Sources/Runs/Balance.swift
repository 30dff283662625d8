package import Accounting

/// Results come from reports. A report that does not balance ends the run, before it becomes a result.
package enum Balance {
  /// Throws `unbalanced` with the first equation that is off.
  package static func check(_ accounts: [Account?]) throws(RunError) {
    if let imbalance = accounts.lazy.compactMap(\.self).flatMap(\.imbalances).first {
      throw .unbalanced(imbalance)
    }
  }
}
