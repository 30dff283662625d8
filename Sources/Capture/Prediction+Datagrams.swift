import Figures
import Ground
import Naive
import Wire

extension Predictor {
  /// Why the naive protocol cannot carry the set, Specs/naive.md §5.
  func naiveRefusal(_ mode: TransferMode) -> String? {
    let empty = set.imageByteCounts.count { $0 == 0 }
    if empty > 0 { return "\(empty) of the images are empty: each would be an end marker" }
    guard mode != .tcp else { return nil }
    let large = set.imageByteCounts.count { $0 > UInt64(NaiveLimit.datagramByteCount) }
    guard large > 0 else { return nil }
    return
      "\(large) of \(HumanText.grouped(set.imageByteCounts.count, "image is", "images are")) above \(NaiveLimit.datagramByteCount) bytes: "
      + "no datagram carries them"
  }

  /// One datagram for each image, and an empty one as the end marker.
  func naiveDatagrams() -> [PredictedLine] {
    let images = set.imageByteCounts.reduce(LayerCounts.none) { $0 + sizes.datagram(payloadByteCount: $1) }
    return [
      PredictedLine(
        .naiveImage, images,
        formula: "per copy: n datagrams, B + 8 n bytes; Σ f(L) packets, 20 more bytes each; "
          + "f(L) = ⌈(L + 8) ÷ \((sizes.mtuByteCount - PacketSize.ipv4) / 8 * 8)⌉ fragments"),
      PredictedLine(
        .naiveEnd, sizes.datagram(payloadByteCount: 0),
        formula: "per copy: 1 datagram of 8 bytes: a header, nothing in it"),
    ]
  }

  /// A datagram for each chunk of manifest and files. Control datagrams depend on timing, and are not
  /// predicted.
  func chunkedDatagrams() -> [PredictedLine] {
    let chunk = chunkByteCount
    var data = LayerCounts.none
    let digest = UInt64(SetShape.digestByteCount)
    let parts = [UInt64(set.manifestByteCount)] + set.imageByteCounts.map { $0 > 0 ? $0 + digest : 0 }
    let header = UInt64(DataHeader.byteCount)
    for part in parts {
      let (full, rest) = part.quotientAndRemainder(dividingBy: UInt64(chunk))
      data = data + sizes.datagram(payloadByteCount: UInt64(chunk) + header) * full
      if rest > 0 { data = data + sizes.datagram(payloadByteCount: rest + header) }
    }
    return [
      PredictedLine(
        .chunkedData, data,
        formula:
          "per copy: C = ⌈M ÷ c⌉ + Σ ⌈(L + 4) ÷ c⌉ datagrams of one packet each, c = \(sizes.mtuByteCount) − 60 = "
          + "\(chunk); M + B + D + (32 + 8) C bytes; manifest M = \(set.manifestByteCount), digests D = \(set.digestByteCount)"
      )
    ]
  }

  /// Payload of a full chunk: the payload of the packet without the header of a data datagram.
  package var chunkByteCount: Int {
    SetShape.chunkByteCount(inDatagramOf: sizes.mtuByteCount - PacketSize.ipv4 - PacketSize.udp)
  }
}
