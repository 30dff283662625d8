/// The room's entry for fuzzers.
package enum FileSetFuzzing {
  /// Decodes arbitrary bytes as a manifest. Returns whether they were valid. Pure.
  ///
  /// Traps when a manifest that was read is not written back as the same bytes, or does not pass its own
  /// checks. Both are defects of the program.
  package static func decode(_ bytes: Span<UInt8>) -> Bool {
    var isValid = false
    if let manifest = try? Manifest(decoding: bytes) {
      isValid = true
      precondition(isEqual(manifest.encoded(), bytes), "a manifest's bytes are not canonical")
      precondition(
        (try? Manifest(entries: manifest.entries)) == manifest, "a decoded manifest breaks the rules")
    }
    return isValid
  }

  private static func isEqual(_ array: [UInt8], _ span: Span<UInt8>) -> Bool {
    array.count == span.count && array.indices.allSatisfy { array[$0] == span[$0] }
  }
}
