import FileSet
import Wire

extension SetOutcome {
  /// What a *complete* says of this outcome.
  var completeStatus: CompleteStatus {
    if isWhole { return .whole }
    return failures.contains { $0.error.isStorageFailure } ? .couldNotStore : .someFilesFailed
  }
}
