import ArgumentParser
import Figures

extension Provenance {
  /// Of the command that runs.
  static func ofThisCommand(seed: UInt64) -> Provenance {
    Provenance(command: commandText, version: Gallery.configuration.version, seed: seed)
  }

  /// This very command, to run again.
  private static var commandText: String {
    let words = CommandLine.arguments.dropFirst().map { word in
      word.contains(where: { " ;'\"$&|<>*()".contains($0) })
        ? "'" + word.replacing("'", with: "'\\''") + "'" : word
    }
    return (["gallery"] + words).joined(separator: " ")
  }
}
