package import Figures

/// Why a study cannot be run, read or merged. One line each: what, where, what to do.
package enum StudyError: Error, Equatable, CustomStringConvertible {
  /// The simulator has no such mode.
  case notSimulated(mode: String)
  case file(FigureError)
  case badResults(path: String, line: Int, reason: String)
  case differentStudies(path: String, reason: String)
  /// An impairment of a receiver that no point of the study has.
  case noSuchReceiver(text: String, receiverCount: Int)

  package var description: String {
    switch self {
    case .notSimulated(let mode): "\(mode) cannot be simulated: leave out --simulated, or \(mode)"
    case .file(let error): error.description
    case .badResults(let path, let line, let reason):
      "\(path), line \(line): \(reason); remove the line or the file"
    case .differentStudies(let path, let reason):
      "\(path) is of another study: \(reason); merge shards of one command only"
    case .noSuchReceiver(let text, let receiverCount):
      "'\(text)': --receivers has \(receiverCount) at the most, so r1 to r\(receiverCount) can be named"
    }
  }
}
