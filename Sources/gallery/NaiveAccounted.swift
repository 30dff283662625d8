import Accounting

/// A report with its account, as one object: `--json`.
struct Accounted<Report: Encodable>: Encodable {
  let report: Report
  let accounting: Account

  init(_ report: Report, _ accounting: Account) {
    self.report = report
    self.accounting = accounting
  }

  private enum CodingKeys: String, CodingKey { case accounting }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(accounting, forKey: .accounting)
  }
}
