/// What a sender did.
package struct NaiveSendReport: Encodable, Equatable, Sendable {
  package var mode: NaiveMode
  /// Address and port sent to.
  package var destination: String
  /// Images handed to the network, without those refused or dropped on purpose.
  package var imageCount = 0
  /// Bytes of these images; no header counted.
  package var imageByteCount: UInt64 = 0
  /// UDP: datagrams handed to the network, the end marker included.
  package var datagramCount: UInt64 = 0
  /// TCP: connections made, the empty one included.
  package var connectionCount: UInt64 = 0
  /// UDP: datagrams dropped on purpose.
  package var droppedDatagramCount: UInt64 = 0
  /// Images that this protocol cannot carry.
  package var refusedImages: [RefusedImage] = []
  /// Whether the end marker went out (it may still be lost: nobody answers).
  package var isEndSent = false
  /// Whether the user ended it before the last image.
  package var isCancelled = false
  /// From the first image to behind the end marker.
  package var durationNanoseconds: UInt64 = 0

  init(mode: NaiveMode, destination: String) {
    self.mode = mode
    self.destination = destination
  }
}

/// Why a receiver ended.
package enum NaiveReceiveOutcome: String, Encodable, Sendable {
  /// The empty datagram or connection came. That says nothing about what was lost before it.
  case endMarker
  /// No image for the idle timeout: the end marker was lost, or the sender never started.
  case idleTimeout
  /// `NaiveReceiver.cancel()`.
  case cancelled
  /// The limit of images was reached.
  case imageLimit
}

/// What a receiver got.
package struct NaiveReceiveReport: Encodable, Equatable, Sendable {
  package var mode: NaiveMode
  /// Address and port listened at.
  package var localAddress: String
  package var outcome = NaiveReceiveOutcome.endMarker
  package var imageCount = 0
  /// Bytes of these images.
  package var imageByteCount: UInt64 = 0
  /// UDP: datagrams received, the end marker and those below included.
  package var datagramCount: UInt64 = 0
  /// TCP: connections taken, the empty one included.
  package var connectionCount: UInt64 = 0
  /// UDP: datagrams dropped on purpose.
  package var droppedDatagramCount: UInt64 = 0
  /// UDP: datagrams the kernel dropped because this socket's buffer was full (`SO_MEMINFO`); nil where it cannot be read.
  package var socketDropCount: UInt64?
  /// UDP: the receive buffer as the kernel reports it, in bytes: twice what it granted (it counts its own overhead).
  package var receiveBufferByteCount = 0
  /// Datagrams of the chunked protocol, which were not stored.
  package var chunkedDatagramCount: UInt64 = 0
  /// Images stored that do not start as JPEG files do.
  package var nonJPEGImageCount = 0
  /// TCP: connections that broke or fell silent before their end; their images were discarded.
  package var brokenConnectionCount: UInt64 = 0
  /// TCP: images above the size limit, which were discarded.
  package var oversizeImageCount = 0
  /// From listening to the end.
  package var durationNanoseconds: UInt64 = 0

  init(mode: NaiveMode, localAddress: String) {
    self.mode = mode
    self.localAddress = localAddress
  }
}
