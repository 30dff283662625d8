package import Checksum
import Ground
import Wire

/// Applies rules to the bytes of one direction of a connection, frame by frame.
package struct StreamTamper: Sendable {
  package struct Output: Equatable, Sendable {
    package var bytes: [UInt8] = []
    /// The connection ends behind these bytes; true: with a reset.
    package var isCutByReset: Bool?
  }

  private var rules: [StreamRule]
  private let identity: SetIdentity?
  /// The bytes of a frame that is not whole yet.
  private var pending: [UInt8] = []

  /// `identity`: of the manifest that a rule gives another name.
  package init(_ rules: [StreamRule], identity: SetIdentity?) {
    self.rules = rules.filter { if case .connection = $0.which { false } else { true } }
    self.identity = identity
  }

  /// What is handed on for these bytes. Bytes of a frame are kept until it is whole, as long as there are
  /// rules.
  package mutating func take(_ bytes: [UInt8]) -> Output {
    guard !rules.isEmpty || !pending.isEmpty else { return Output(bytes: bytes) }
    pending += bytes
    var output = Output()
    if isBeyondLimits {
      rules = []
      output.bytes = rest()
    }
    while let frame = nextFrame() {
      apply(to: frame, &output)
      guard output.isCutByReset == nil else { break }
    }
    return output
  }

  /// The bytes of a frame that its sender did not end.
  package mutating func rest() -> [UInt8] {
    defer { pending = [] }
    return pending
  }

  /// A program may send any length. What no frame can be is handed on as it is.
  private var isBeyondLimits: Bool {
    pending.count >= 4 && pending.span.bigEndianUInt32(at: 0) > UInt32(StreamLimits.frameLength)
  }

  private mutating func nextFrame() -> [UInt8]? {
    guard pending.count >= StreamLimits.frameHeaderByteCount else { return nil }
    let byteCount = 4 + Int(pending.span.bigEndianUInt32(at: 0))
    guard byteCount <= 4 + StreamLimits.frameLength else { return nil }
    guard pending.count >= byteCount else { return nil }
    defer { pending.removeFirst(byteCount) }
    return Array(pending.prefix(byteCount))
  }

  private mutating func apply(to frame: [UInt8], _ output: inout Output) {
    guard let place = rules.firstIndex(where: { Self.matches($0.which, frame) }) else {
      output.bytes += frame
      return
    }
    switch rules.remove(at: place).change {
    case .cut(let isReset):
      output.bytes += frame.prefix(frame.count / 2)
      output.isCutByReset = isReset
    case .preceded(let forgery): output.bytes += forgery.bytes(of: frame, identity: identity) + frame
    case .replaced(let forgery): output.bytes += forgery.bytes(of: frame, identity: identity)
    }
  }

  private static func matches(_ which: StreamRule.Which, _ frame: [UInt8]) -> Bool {
    guard frame.count > 4 else { return false }
    switch which {
    case .frame(let type): return frame[4] == type.rawValue
    case .data(let file):
      return frame[4] == StreamFrameType.data.rawValue && frame.count > 9
        && frame.span.bigEndianUInt32(at: 5) == file
    case .connection: return false
    }
  }
}
