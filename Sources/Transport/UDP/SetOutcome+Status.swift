import Accounting
import FileSet
import Wire

extension SetOutcome {
  /// What a *complete* says of this outcome.
  var completeStatus: CompleteStatus {
    if isWhole { return .whole }
    return failures.contains { $0.error.isStorageFailure } ? .couldNotStore : .someFilesFailed
  }

  /// What it says for people: the first failure, or which files were here before.
  var completeText: String {
    if let failure = failures.first { return failure.error.description }
    if hasNothingNew { return "nothing to send, all were there already" }
    return earlierFileCount > 0 ? "\(Counted.text(earlierFileCount, "file")) of these were there already" : ""
  }
}
