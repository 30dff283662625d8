/// The result of one run at one receiver. With several receivers there is a result for each.
package struct CompareResult: Equatable, Codable, Sendable {
  package var variant: CompareVariant
  package var lossFraction: Double
  /// From 0.
  package var trial: Int
  /// From 0.
  package var receiver: Int
  /// The seed of this receiver's losses.
  package var seed: UInt64
  /// Images of the set.
  package var imagesSent: Int
  /// Images that arrived byte for byte, under any name.
  package var imagesWhole = 0
  /// Files that arrived and are none of the images sent.
  package var imagesDamaged = 0
  /// Images sent that did not arrive.
  package var imagesLost = 0
  /// Images at the position they were sent in; the naive protocol carries no names, so one loss shifts all
  /// that follow.
  package var imagesInPlace = 0
  /// From the sender's start to the last image stored.
  package var secondsToLastImage = 0.0
  /// From the sender's start until the session was over for both sides: naive, when the receiver got the end
  /// marker or gave up waiting; otherwise when the sender knew what had arrived.
  package var secondsToEnd = 0.0
  /// The receiver knew that the session was over. Naive: the end marker came. Chunked, UDP: it verified every
  /// file, or the sender's close came. TCP: the sender's end came.
  package var endSeen = false
  /// IP packets that the sender puts on a 1,500-byte link, fragments counted each; lost ones and repairs
  /// included.
  package var packetCount: UInt64 = 0
  /// Bytes of these, IP headers included.
  package var packetByteCount: UInt64 = 0
  /// Image bytes of the set, once.
  package var imageByteCount: UInt64
  package var repairCount: UInt64 = 0
  package var nackCount: UInt64 = 0
  /// Datagrams dropped on purpose towards this receiver.
  package var inducedDropCount: UInt64 = 0
  /// Datagrams that its socket's buffer had no room for.
  package var socketDropCount: UInt64 = 0
  /// Why the run failed, for people; nil when it did not.
  package var problem: String?

  /// Bytes on the wire besides the image bytes, divided by the image bytes: 0.05 is 5 %. Not a number when
  /// the protocol could not send all images.
  package var overhead: Double {
    packetByteCount < imageByteCount || imageByteCount == 0
      ? .nan : Double(packetByteCount) / Double(imageByteCount) - 1
  }

  /// A run of which nothing is known yet.
  package init(
    variant: CompareVariant, lossFraction: Double, trial: Int, receiver: Int, seed: UInt64, imagesSent: Int,
    imageByteCount: UInt64
  ) {
    self.variant = variant
    self.lossFraction = lossFraction
    self.trial = trial
    self.receiver = receiver
    self.seed = seed
    self.imagesSent = imagesSent
    self.imageByteCount = imageByteCount
  }
}
