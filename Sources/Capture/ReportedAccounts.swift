package import Accounting
package import Figures
import FoundationEssentials

/// The accounts in a report that a run wrote with `--json`, at any place in it. Another person can add them
/// up once more after the run.
package enum ReportedAccounts {
  /// At least one. Throws `cannotRead` when the file is no such report.
  package static func read(path: String) throws(FigureError) -> [Account] {
    let found: Node
    do {
      found = try JSONDecoder().decode(Node.self, from: try ResultFiles.read(path))
    } catch let error as DecodingError {
      throw .cannotRead(path: path, reason: "no report of a run that --json wrote (\(Self.text(error)))")
    } catch let error as FigureError { throw error } catch {
      throw .cannotRead(path: path, reason: ErrorReason.text(error))
    }
    guard !found.accounts.isEmpty else { throw .cannotRead(path: path, reason: "there is no account in it") }
    return found.accounts
  }

  private static func text(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): "\(key.stringValue) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context): context.debugDescription
    case .dataCorrupted(let context): context.codingPath.isEmpty ? "not JSON" : context.debugDescription
    @unknown default: "not as it should be"
    }
  }

  /// Any part of the report.
  private struct Node: Decodable {
    var accounts: [Account] = []

    init(from decoder: any Decoder) throws {
      if var list = try? decoder.unkeyedContainer() {
        while !list.isAtEnd { accounts += try list.decode(Node.self).accounts }
      } else if let values = try? decoder.container(keyedBy: Key.self) {
        for key in values.allKeys {
          if key.stringValue == "accounting" {
            if let account = try values.decodeIfPresent(Account.self, forKey: key) {
              accounts.append(account)
            }
          } else {
            accounts += try values.decode(Node.self, forKey: key).accounts
          }
        }
      }
    }
  }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
