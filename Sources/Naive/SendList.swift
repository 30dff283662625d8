import Ground

/// The images to send, checked before the first byte is sent: sorted, with their sizes, and without those
/// that the protocol cannot carry.
struct SendList {
  struct Item: Equatable {
    var file: NaiveFile
    var byteCount: UInt64
  }
  private(set) var items: [Item] = []
  private(set) var refused: [RefusedImage] = []

  /// - Throws: `unsendable` when some image cannot be carried and `skipsUnsendable` is false; `noImages`;
  ///   `cannotRead`.
  init(_ files: [NaiveFile], mode: TransferMode, skipsUnsendable: Bool) throws(NaiveError) {
    guard !files.isEmpty else { throw .noImages }
    let sorted = files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    for file in sorted {
      let byteCount = try ImageReader.byteCount(path: file.path)
      if let reason = Self.refusal(ofByteCount: byteCount, mode: mode) {
        refused.append(RefusedImage(name: file.name, byteCount: byteCount, reason: reason))
      } else {
        items.append(Item(file: file, byteCount: byteCount))
      }
    }
    guard refused.isEmpty || skipsUnsendable else { throw .unsendable(refused) }
  }

  /// Why an image of this size cannot travel; nil when it can.
  static func refusal(ofByteCount byteCount: UInt64, mode: TransferMode) -> RefusedImage.Reason? {
    if byteCount == 0 { return .empty }
    if mode.usesDatagrams, byteCount > UInt64(NaiveLimit.datagramByteCount) { return .tooLarge }
    return nil
  }
}
