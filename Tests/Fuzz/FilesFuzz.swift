import FileSet

/// What a receiver reads from its disk and from a sender: a manifest, and the map of a work folder.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFiles(_ start: UnsafePointer<UInt8>, _ byteCount: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: start, count: byteCount)
  _ = FileSetFuzzing.decode(bytes.span)
  _ = FileSetFuzzing.readMap(bytes.span)
  return 0
}
