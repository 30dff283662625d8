import Accounting

/// What `--json` and the exit code need of a report, on either side and in any protocol. The report's encoded
/// form is what `--json` prints.
protocol TransferReport: Encodable {
  /// By the report alone: an account that does not balance comes on top.
  var status: ExitStatus { get }
  /// Nil where nobody knows.
  var isKnownWhole: Bool? { get }
  var accounts: [Account] { get }
  /// The account that the encoded form lacks.
  var unencodedAccount: Account? { get }
}

extension TransferReport {
  var unencodedAccount: Account? { nil }
}
