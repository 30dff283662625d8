import Checksum
import Ground
package import Wire

/// What happens to a place of a TCP connection.
package struct StreamRule: Equatable, Sendable {
  package enum Which: Equatable, Sendable {
    /// The first frame of this type.
    case frame(StreamFrameType)
    /// The first data frame of the file with this index.
    case data(file: UInt32)
    /// Of the naive protocol: the connection with this number, from 0.
    case connection(Int)
  }

  package enum Change: Equatable, Sendable {
    /// The connection ends in the middle of it. `isReset`: with a reset.
    case cut(isReset: Bool)
    /// These bytes, which nobody sent, go in front of it.
    case preceded(StreamForgery)
    /// A changed copy takes its place.
    case replaced(StreamForgery)
  }

  package let which: Which
  package let change: Change

  package init(_ which: Which, _ change: Change) {
    self.which = which
    self.change = change
  }
}

/// A frame that a peer never sent, or one that was changed.
package enum StreamForgery: Equatable, Sendable {
  /// A frame of type 200.
  case unknownType
  /// The frame with four more bytes.
  case longer
  /// A length of 0.
  case noLength
  case end(files: UInt32, bytes: UInt64)
  case complete(verified: UInt32, failed: UInt32, status: CompleteStatus)
  case abort
  /// The receiver lacks these files.
  case rest([StreamRun])
  /// A hello or welcome of version 9.
  case anotherVersion
  /// A hello or welcome whose first byte is another one.
  case anotherMagic
  /// A hello with another set identity.
  case anotherIdentity
  /// Data that belong a byte later.
  case anotherOffset
  /// A digest that is not the file's.
  case anotherDigest
  /// The manifest has this name in place of one that is as long, and the hello its identity.
  case named(String, insteadOf: String)
  /// Naive: a connection without bytes.
  case emptyConnection
}

extension StreamRule: CustomStringConvertible {
  package var description: String {
    let place =
      switch which {
      case .frame(let type): "\(type)"
      case .data(let file): "data of file \(file)"
      case .connection(let number): "connection \(number)"
      }
    switch change {
    case .cut(let isReset): return "\(place) \(isReset ? "reset" : "cut") in the middle"
    case .preceded(let forgery): return "\(place) behind \(forgery)"
    case .replaced(let forgery): return "\(place) replaced by \(forgery)"
    }
  }
}

extension StreamForgery: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknownType: "a frame of an unknown type"
    case .longer: "one with four more bytes"
    case .noLength: "a frame without a type"
    case .end: "an end"
    case .complete(let verified, let failed, let status):
      "a complete of \(verified) files verified, \(failed) failed, status \(status.rawValue)"
    case .abort: "an abort"
    case .rest: "a rest"
    case .anotherVersion: "one of version 9"
    case .anotherMagic: "one with another magic"
    case .anotherIdentity: "one with another set identity"
    case .anotherOffset: "data with another offset"
    case .anotherDigest: "another digest"
    case .named(let name, _): "one with the name \(name)"
    case .emptyConnection: "an empty connection"
    }
  }
}

extension StreamForgery {
  /// Offsets in a whole frame, Specs/chunked-tcp.md §3 and §4.
  private enum Offset {
    static let body = StreamLimits.frameHeaderByteCount
    static let version = body + 4
    static let identity = body + 16
    static let lastOffsetByte = body + 11
  }

  /// The bytes that take the place of this frame, or go in front of it.
  func bytes(of frame: [UInt8], identity: SetIdentity?) -> [UInt8] {
    var changed = frame
    switch self {
    case .unknownType: return [0, 0, 0, 1, 200]
    case .longer:
      var length: [UInt8] = []
      length.appendBigEndian(UInt32(clamping: frame.count))
      CheckedDatagram.put(length, into: &changed, at: 0)
      return changed + [0, 0, 0, 0]
    case .noLength: return [0, 0, 0, 0]
    case .end(let files, let bytes): return StreamEnd(fileCount: files, fileByteCount: bytes).frame()
    case .complete(let verified, let failed, let status):
      return StreamComplete(verifiedFileCount: verified, failedFileCount: failed, status: status).frame()
    case .rest(let runs): return StreamRest(isLast: true, runs: runs).frame()
    case .abort: return StreamAbort(reason: .endedByUser, text: "ended by its user").frame()
    case .anotherVersion: CheckedDatagram.put([9], into: &changed, at: Offset.version)
    case .anotherMagic: Self.flip(&changed, Offset.body)
    case .anotherIdentity: Self.flip(&changed, Offset.identity)
    case .anotherOffset: Self.flip(&changed, Offset.lastOffsetByte)
    case .anotherDigest: Self.flip(&changed, changed.count - 1)
    case .named(let name, let old): rename(&changed, old, name, identity)
    case .emptyConnection: return []
    }
    return changed
  }

  private static func flip(_ frame: inout [UInt8], _ offset: Int) {
    if frame.indices.contains(offset) { frame[offset] ^= 1 }
  }

  private func rename(_ frame: inout [UInt8], _ old: String, _ name: String, _ identity: SetIdentity?) {
    guard frame.count > Offset.body, frame[Offset.body - 1] == StreamFrameType.hello.rawValue else {
      return CheckForgery.replace(&frame, old, name)
    }
    guard let identity else { return }
    var text: [UInt8] = []
    text.appendBigEndian(identity.high)
    text.appendBigEndian(identity.low)
    CheckedDatagram.put(text, into: &frame, at: Offset.identity)
  }
}
