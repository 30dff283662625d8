package import Ground
package import Accounting

/// What a sender did.
package struct NaiveSendReport: Encodable, Equatable, Sendable {
  package var mode: TransferMode
  /// Address and port sent to.
  package var destination: String
  /// Images handed to the network, without those that were refused or dropped on purpose.
  package var imageCount = 0
  /// Bytes of these images; no header counted.
  package var imageByteCount: UInt64 = 0
  /// UDP: datagrams made for the network, including the end marker.
  package var offeredDatagramCount: UInt64 = 0
  /// UDP: datagrams handed to the network, including the end marker, and their bytes.
  package var datagramCount: UInt64 = 0
  package var datagramByteCount: UInt64 = 0
  /// TCP: connections made, the empty one included.
  package var connectionCount: UInt64 = 0
  /// UDP: datagrams dropped on purpose.
  package var droppedDatagramCount: UInt64 = 0
  /// Images that this protocol cannot carry.
  package var refusedImages: [RefusedImage] = []
  /// Whether the end marker was sent. It may still be lost, because nobody answers.
  package var isEndSent = false
  /// Whether the user ended the session before the last image.
  package var isCancelled = false
  /// From the first image to behind the end marker.
  package var durationNanoseconds: UInt64 = 0

  init(mode: TransferMode, destination: String) {
    self.mode = mode
    self.destination = destination
  }
}

/// Why a receiver ended.
package enum NaiveReceiveOutcome: String, Encodable, Sendable {
  /// The empty datagram or connection arrived. This says nothing about losses before it.
  case endMarker
  /// No further image arrived within the idle timeout. Either the end marker was lost, or the sender was
  /// ended.
  case idleTimeout
  /// No image arrived within the wait. Either there was no sender, or each of its datagrams was lost.
  case waitTimeout
  /// `NaiveReceiver.cancel()`.
  case cancelled
  /// The limit of images was reached.
  case imageLimit
}

/// What a receiver got.
package struct NaiveReceiveReport: Encodable, Equatable, Sendable {
  package var mode: TransferMode
  /// Address and port listened at.
  package var localAddress: String
  package var outcome = NaiveReceiveOutcome.endMarker
  package var imageCount = 0
  /// Bytes of these images.
  package var imageByteCount: UInt64 = 0
  /// UDP: datagrams received, including the end marker and those counted below.
  package var datagramCount: UInt64 = 0
  /// End markers received: empty datagrams or connections. At most 1, because the first one ends the session.
  package var endMarkerCount: UInt64 = 0
  /// TCP: connections taken, the empty one included.
  package var connectionCount: UInt64 = 0
  /// UDP: datagrams dropped on purpose.
  package var droppedDatagramCount: UInt64 = 0
  /// UDP: datagrams that the kernel dropped because this socket's buffer was full (`SO_MEMINFO`); nil where
  /// this cannot be read.
  package var socketDropCount: UInt64?
  /// UDP: the receive buffer as the kernel reports it, in bytes. This is twice the requested size, because
  /// the kernel includes its own overhead.
  package var receiveBufferByteCount = 0
  /// Datagrams of the chunked protocol, which were not stored.
  package var chunkedDatagramCount: UInt64 = 0
  /// Images stored that do not start as JPEG files do.
  package var nonJPEGImageCount = 0
  /// TCP: connections that broke or fell silent before their end. Their images were discarded.
  package var brokenConnectionCount: UInt64 = 0
  /// TCP: images above the size limit, which were discarded.
  package var oversizeImageCount = 0
  /// TCP: connections that were still open when the session ended.
  package var openConnectionCount: UInt64 = 0
  /// From listening to the end.
  package var durationNanoseconds: UInt64 = 0

  /// Whether this receiver knows of images that it does not have. False says nothing, because a lost datagram
  /// leaves no trace.
  package var isKnownToLack: Bool {
    imageCount == 0 || brokenConnectionCount > 0 || oversizeImageCount > 0 || (socketDropCount ?? 0) > 0
  }

  init(mode: TransferMode, localAddress: String) {
    self.mode = mode
    self.localAddress = localAddress
  }
}

/// The naive protocol has no numbers, no answers and no checksums. So only the counts of one side can
/// balance. Specs/accounting.md §10.
extension NaiveSendReport {
  package var accounting: Account {
    let parts = [
      Equation.Term("image", UInt64(imageCount)), Equation.Term("end marker", isEndSent ? 1 : 0),
    ]
    if mode == .tcp {
      return Account([Equation("connections", [Equation.Term("made", connectionCount)], parts)])
    }
    return Account([
      Equation("datagrams", [Equation.Term("sent", datagramCount)], parts),
      Equation(
        "bytes", [Equation.Term("sent", datagramByteCount)], [Equation.Term("image", imageByteCount)]),
      Equation(
        "datagrams", [Equation.Term("made", offeredDatagramCount)],
        [
          Equation.Term("sent", datagramCount), Equation.Term("dropped on purpose", droppedDatagramCount),
        ], isDetail: true),
    ])
  }
}

extension NaiveReceiveReport {
  package var accounting: Account {
    var parts = [
      Equation.Term("image", UInt64(imageCount)), Equation.Term("end marker", endMarkerCount),
    ]
    if mode == .tcp {
      parts += [
        Equation.Term("broken", brokenConnectionCount),
        Equation.Term("too large", UInt64(oversizeImageCount)),
        Equation.Term("still open", openConnectionCount),
      ]
      return Account([Equation("connections", [Equation.Term("taken", connectionCount)], parts)])
    }
    parts += [
      Equation.Term("dropped on purpose", droppedDatagramCount),
      Equation.Term("of the chunked protocol", chunkedDatagramCount),
    ]
    return Account([Equation("datagrams", [Equation.Term("received", datagramCount)], parts)])
  }
}
