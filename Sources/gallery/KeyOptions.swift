import ArgumentParser
import FoundationEssentials
import Glibc
import Keys

/// `--code` and `--key` of send, receive and show.
struct KeyOptions: ParsableArguments {
  /// The value of `--code` that stands for no words: send makes new ones, receive asks for them.
  static let noWords = "new"
  /// Has the words, so that they need not be in the list of processes.
  private static let variable = "GALLERY_CODE"

  @Option(
    help: ArgumentHelp(
      """
      Chunked only: encrypt, and let only those take part that have the code. Without words send makes \
      new ones and prints them, and receive asks for them; the variable GALLERY_CODE may have them.
      """,
      valueName: "six words"))
  var code: String?
  @Option(
    name: .customLong("key"),
    help: ArgumentHelp(
      "The same by a file that `gallery key new` has made, for scripts.", valueName: "file"))
  var keyPath: String?

  var partialOptions: [PartialOption] {
    [
      PartialOption("--code", code != nil, .chunked), PartialOption("--key", keyPath != nil, .chunked),
    ]
  }

  /// Throws for words that are no code.
  func check() throws {
    guard code == nil || keyPath == nil else { throw ValidationError("--code and --key: choose one") }
    guard let code, code != Self.noWords else { return }
    do { _ = try SessionCode(code) } catch { throw ValidationError(error.description) }
  }

  /// What a sender uses; nil: nothing. A new code is told in any case, because nobody else knows it; on a
  /// terminal also as a QR code, for a telephone that carries it to the next room.
  func sendersSecret() throws -> SessionSecret? {
    if let secret = try givenSecret() { return secret }
    guard code != nil else { return nil }
    let code = SessionCode()
    StandardStreams.message("code: \(code.text)\n")
    if isatty(STDERR_FILENO) == 1, let picture = QRCode(code.text) {
      StandardStreams.message(picture.lines.joined(separator: "\n") + "\n")
    }
    return .code(code)
  }

  /// What a receiver uses; nil: nothing.
  func receiversSecret() throws -> SessionSecret? {
    if let secret = try givenSecret() { return secret }
    guard code != nil else { return nil }
    guard isatty(STDIN_FILENO) == 1 else {
      throw ValidationError("which code? Give its words, as in --code 'six words …', or in \(Self.variable)")
    }
    StandardStreams.message("code: ")
    return .code(try SessionCode(readLine() ?? ""))
  }

  /// Of the key file, the option's words or the variable's.
  private func givenSecret() throws -> SessionSecret? {
    if let keyPath { return .key(try KeyFile.read(keyPath)) }
    guard let code else { return nil }
    if code != Self.noWords { return .code(try SessionCode(code)) }
    return try ProcessInfo.processInfo.environment[Self.variable].map { .code(try SessionCode($0)) }
  }

  /// The command line with a value behind each `--code` that has none: its words may be left out, and the
  /// parser knows no such option.
  static func completed(_ words: [String]) -> [String] {
    var result: [String] = []
    for (place, word) in words.enumerated() {
      result.append(word)
      guard word == "--code" else { continue }
      let next = place + 1 < words.count ? words[place + 1] : "-"
      if !isValue(next) { result.append(noWords) }
    }
    return result
  }

  private static func isValue(_ word: String) -> Bool {
    if word.isEmpty || word == noWords { return true }
    return !word.hasPrefix("-")
      && (word.contains(" ") || word.split(separator: "-").count == SessionCode.wordCount)
  }
}
