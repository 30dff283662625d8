import Wire

/// The numbers of the set one by one, as they stand in the message: a test spoils one.
extension Announce {
  var chunkByteCount: UInt16 {
    get { UInt16(clamping: shape.chunkByteCount) }
    set { shape = changed(chunkByteCount: Int(newValue)) }
  }
  var manifestByteCount: UInt32 {
    get { UInt32(clamping: shape.manifestByteCount) }
    set { shape = changed(manifestByteCount: Int(newValue)) }
  }
  var fileCount: UInt32 {
    get { UInt32(clamping: shape.fileCount) }
    set { shape = changed(fileCount: Int(newValue)) }
  }
  var totalFileByteCount: UInt64 {
    get { shape.fileByteCount }
    set { shape = changed(fileByteCount: newValue) }
  }
  var fileChunkCount: UInt64 {
    get { shape.fileChunkCount }
    set { shape = changed(fileChunkCount: newValue) }
  }

  private func changed(
    chunkByteCount: Int? = nil, manifestByteCount: Int? = nil, fileCount: Int? = nil,
    fileByteCount: UInt64? = nil, fileChunkCount: UInt64? = nil
  ) -> SetShape {
    SetShape(
      chunkByteCount: chunkByteCount ?? shape.chunkByteCount,
      manifestByteCount: manifestByteCount ?? shape.manifestByteCount,
      fileCount: fileCount ?? shape.fileCount, fileByteCount: fileByteCount ?? shape.fileByteCount,
      fileChunkCount: fileChunkCount ?? shape.fileChunkCount)
  }
}
