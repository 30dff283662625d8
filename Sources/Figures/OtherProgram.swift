import CLinux
package import FoundationEssentials
import Glibc

/// Runs another program to its end.
package enum OtherProgram {
  package struct Outcome: Sendable {
    /// The exit status, or the number of the signal that ended the program.
    package var status: Int32
    package var output: Data
    package var errors: Data
  }

  /// Blocks. Both pipes are read at the same time: a program that fills one of them while we wait for the end
  /// of the other would wait for ever. Throws what kept it from being started.
  package static func run(_ path: String, _ arguments: [String]) throws(POSIXError) -> Outcome {
    var output = try ReadPipe()
    defer { output.close() }
    var errors = try ReadPipe()
    defer { errors.close() }
    let child = try ChildProgram.start([path] + arguments) { actions in
      posix_spawn_file_actions_adddup2(&actions, output.input, STDOUT_FILENO)
      posix_spawn_file_actions_adddup2(&actions, errors.input, STDERR_FILENO)
    }
    output.closeInput()
    errors.closeInput()
    while !output.hasEnded || !errors.hasEnded {
      // poll leaves out a descriptor below 0.
      var waited = [output, errors].map { pipe in
        pollfd(fd: pipe.hasEnded ? -1 : pipe.descriptor, events: Int16(POLLIN), revents: 0)
      }
      guard poll(&waited, nfds_t(waited.count), -1) > 0 else { continue }  // a signal
      if waited[0].revents != 0 { output.read() }
      if waited[1].revents != 0 { errors.read() }
    }
    var word: Int32 = 0
    while waitpid(child, &word, 0) < 0, errno == EINTR {}
    let ending = ChildProgram.ending(word)
    return Outcome(
      status: ending.signal == 0 ? ending.code : ending.signal, output: output.bytes, errors: errors.bytes)
  }
}

/// What another program writes. Both ends close on exec, so that no further program holds them open.
private struct ReadPipe {
  private static let pieceByteCount = 1 << 16

  let descriptor: Int32
  /// The end that the other program writes to.
  private(set) var input: Int32
  private(set) var hasEnded = false
  private(set) var bytes = Data()
  private var piece = [UInt8](repeating: 0, count: Self.pieceByteCount)

  init() throws(POSIXError) {
    var ends: [Int32] = [-1, -1]
    guard gallery_pipe2(&ends, O_CLOEXEC) == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
    (descriptor, input) = (ends[0], ends[1])
  }

  /// Reads what is there. An error ends it, as the program's end does.
  mutating func read() {
    let count = Glibc.read(descriptor, &piece, piece.count)
    if count > 0 { bytes.append(contentsOf: piece[..<count]) }
    if count == 0 || count < 0 && errno != EINTR { hasEnded = true }
  }

  /// The other program has a copy. The pipe ends when that is closed.
  mutating func closeInput() {
    if input >= 0 { Glibc.close(input) }
    input = -1
  }

  mutating func close() {
    closeInput()
    Glibc.close(descriptor)
  }
}
