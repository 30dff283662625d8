/// A peer's bytes that break the TCP protocol. Each case ends the connection. Specs/chunked-tcp.md §6.
package enum StreamError: Error, Equatable {
  /// The length field is beyond what its type, or any type, may have. Bytes, of type and body.
  case frameTooLong(type: StreamFrameType?, length: UInt32, limit: Int)
  /// The length field is below what its type needs. Bytes, of type and body.
  case frameTooShort(type: StreamFrameType?, length: UInt32, minimum: Int)
  case unknownFrameType(UInt8)
  /// A hello or welcome that does not begin with "GLRY".
  case badMagic(UInt32)
  case versionMismatch(theirs: UInt8)
  /// A body whose fields do not fit.
  case malformed(StreamFrameType, field: String)
  /// The connection ended inside a frame. The number of missing bytes, as far as it is known.
  case cutShort(missingByteCount: Int)
}

extension StreamError: CustomStringConvertible {
  /// One line: what is wrong with the bytes.
  package var description: String {
    switch self {
    case .frameTooLong(nil, let length, let limit):
      "a frame of \(length) bytes, the limit is \(limit): this is no chunked TCP peer (a naive one? use the same "
        + "--protocol and --mode on both sides)"
    case .frameTooLong(let type?, let length, let limit):
      "a frame \"\(type)\" of \(length) bytes, the limit is \(limit)"
    case .frameTooShort(nil, _, _): "an empty frame"
    case .frameTooShort(let type?, let length, let minimum):
      "a frame \"\(type)\" of \(length) bytes, it needs \(minimum)"
    case .unknownFrameType(let type):
      "a frame of unknown type \(type); use the same release on both sides"
    case .badMagic:
      "a greeting that is not of this protocol; use the same --protocol and --mode on both sides"
    case .versionMismatch(let theirs):
      "protocol version \(theirs), this program speaks version \(StreamLimits.version); use the same release on both "
        + "sides"
    case .malformed(let type, let field): "a frame \"\(type)\" with a bad \(field)"
    case .cutShort(let missing):
      "the connection ended inside a frame, at least \(missing) bytes of it are missing"
    }
  }
}
