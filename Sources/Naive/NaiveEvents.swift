/// An event that a sender reports while it works. Each description is a line for people.
package enum NaiveSendEvent: Equatable, Sendable, CustomStringConvertible {
  case refused(RefusedImage)
  case sent(index: Int, name: String, byteCount: Int)
  /// Lost on purpose.
  case dropped(index: Int, name: String, byteCount: Int)
  /// The sleep before the end marker begins.
  case waiting(nanoseconds: UInt64)
  case endSent
  /// The end marker was lost on purpose.
  case endDropped

  package var description: String {
    switch self {
    case .refused(let image): "not sent: \(image); the chunked protocol carries it"
    case .sent(let index, let name, let byteCount): "image \(index): sent \(name), \(byteCount) bytes"
    case .dropped(let index, let name, let byteCount):
      "image \(index): dropped \(name), \(byteCount) bytes, on purpose"
    case .waiting(let nanoseconds): "waiting \(secondsText(nanoseconds)) before the end marker"
    case .endSent: "end marker sent"
    case .endDropped: "end marker dropped on purpose"
    }
  }
}

/// An event that a receiver reports while it works. Each description is a line for people. Events are
/// delivered on the receiver's own thread, one at a time.
package enum NaiveReceiveEvent: Equatable, Sendable, CustomStringConvertible {
  /// Ready; with port 0 asked for, this names the one taken.
  case listening(address: String, port: Int, receiveBufferByteCount: Int)
  case image(ReceivedImage)
  /// Told once; the datagrams are counted.
  case chunkedSender(peer: String)
  /// TCP: a connection broke or fell silent after this many bytes. They were discarded.
  case brokenConnection(peer: String, byteCount: UInt64, reason: String)
  /// TCP: an image above the limit, in bytes, was discarded.
  case oversizeImage(peer: String, limitByteCount: UInt64)
  case ended(NaiveReceiveOutcome, imageCount: Int)

  package var description: String {
    switch self {
    case .listening(let address, let port, let byteCount):
      "listening at \(address) port \(port)" + (byteCount > 0 ? ", receive buffer \(byteCount) bytes" : "")
    case .image(let image):
      "image \(image.index): received \(image.byteCount) bytes" + (image.isJPEG ? "" : ", not a JPEG file")
    case .chunkedSender(let peer):
      "a chunked gallery sender is talking to this naive receiver: \(peer); "
        + "start this receiver with the chunked protocol, or that sender with the naive one"
    case .brokenConnection(let peer, let byteCount, let reason):
      "connection from \(peer) ended early after \(byteCount) bytes (\(reason)): image discarded"
    case .oversizeImage(let peer, let limit):
      "an image from \(peer) is larger than the limit of \(limit) bytes: discarded"
    case .ended(let outcome, let imageCount): Self.describe(outcome, imageCount: imageCount)
    }
  }

  private static func describe(_ outcome: NaiveReceiveOutcome, imageCount: Int) -> String {
    switch outcome {
    case .endMarker:
      "end marker received after \(imagesText(imageCount)); this protocol cannot tell if images were lost"
    case .idleTimeout: "gave up waiting: \(imagesText(imageCount)) came, the end marker never did"
    case .waitTimeout: "gave up waiting: no image came"
    case .cancelled: "ended by the user: \(imagesText(imageCount)); the end marker had not come"
    case .imageLimit: "image limit reached: \(imagesText(imageCount)); the end marker had not come"
    }
  }
}

/// `1 image`, `20 images`.
package func imagesText(_ count: Int) -> String { count == 1 ? "1 image" : "\(count) images" }

/// `3 s`, `250 ms`: nanoseconds for people.
func secondsText(_ nanoseconds: UInt64) -> String {
  let milliseconds = nanoseconds / 1_000_000
  return milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000) s" : "\(milliseconds) ms"
}
