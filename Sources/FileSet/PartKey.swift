package import Checksum
package import Wire

/// What two sessions must have in common for the second one to go on with the parts of the first: the same
/// set, cut into chunks of the same size.
package struct PartKey: Equatable, Sendable {
  package let shape: SetShape
  package let identity: SetIdentity

  package init(shape: SetShape, identity: SetIdentity) {
    self.shape = shape
    self.identity = identity
  }

  /// The name of the work folder, behind the reserved prefix.
  var folderStem: String { Self.folderStem(identity, chunkByteCount: shape.chunkByteCount) }

  static func folderStem(_ identity: SetIdentity, chunkByteCount: Int) -> String {
    "\(identity)-\(chunkByteCount)"
  }

  /// Whether a work folder's name, without the reserved prefix, has this form.
  static func isFolderStem(_ stem: Substring) -> Bool {
    let parts = stem.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), parts[0].count == 2 * SetIdentity.byteCount else { return false }
    return parts.dropFirst().allSatisfy { !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } }
  }
}
