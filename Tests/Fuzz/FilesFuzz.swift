import FileSet

/// What a receiver reads from its disk and from a sender: a manifest, and the map of a work folder.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFiles(_ start: UnsafePointer<UInt8>, _ byteCount: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: start, count: byteCount)
  _ = FileSetFuzzing.decode(bytes.span)
  _ = FileSetFuzzing.readMap(bytes.span)
  if let signed = try? Manifest(decoding: bytes.span, isSigned: true) {
    precondition(signed.encoded().elementsEqual(bytes), "a signed manifest's bytes are not canonical")
  }
  return 0
}
