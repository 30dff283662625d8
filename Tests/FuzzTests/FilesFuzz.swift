import FileSet

/// What a receiver reads from its disk and from a sender: a manifest, the map of a work folder, and the
/// records of an inbox.
func fuzzFiles(_ bytes: UnsafeBufferPointer<UInt8>) {
  _ = FileSetFuzzing.decode(bytes.span)
  _ = FileSetFuzzing.readMap(bytes.span)
  _ = FileSetFuzzing.readRecords(bytes.span)
  if let signed = try? Manifest(decoding: bytes.span, isSigned: true) {
    precondition(signed.encoded().elementsEqual(bytes), "a signed manifest's bytes are not canonical")
  }
}
