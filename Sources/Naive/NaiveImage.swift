/// A file to send.
package struct NaiveFile: Equatable, Sendable {
  /// The path of the file.
  package var path: String
  /// The name in messages, and the key for sorting. It is never sent.
  package var name: String

  package init(path: String, name: String) {
    self.path = path
    self.name = name
  }
}

/// A file that the naive protocol cannot carry, and why.
package struct RefusedImage: Encodable, Equatable, Sendable, CustomStringConvertible {
  package enum Reason: String, Encodable, Sendable {
    /// Above 65,507 bytes over UDP.
    case tooLarge
    /// 0 bytes: on the wire that *is* the end marker.
    case empty
  }
  package var name: String
  package var byteCount: UInt64
  package var reason: Reason

  package init(name: String, byteCount: UInt64, reason: Reason) {
    self.name = name
    self.byteCount = byteCount
    self.reason = reason
  }

  package var description: String {
    switch reason {
    case .tooLarge: "\(name) (\(byteCount) bytes; one datagram holds \(NaiveLimit.datagramByteCount))"
    case .empty: "\(name) (empty, which would mean the end)"
    }
  }
}

/// A received image.
package struct ReceivedImage: Encodable, Equatable, Sendable {
  /// Position in the order of arrival, from 0. The receiver knows no other position: after a loss it differs
  /// from the sender's.
  package var index: Int
  package var byteCount: UInt64
  /// The path where the image was stored; nil when nothing is stored.
  package var path: String?
  /// Whether it starts as a JPEG file does (FF D8 FF).
  package var isJPEG: Bool
  /// The sender's address and port.
  package var peer: String
}
