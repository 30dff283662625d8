import Wire

/// The bytes of chunked TCP's frames from sender to receiver, Specs/chunked-tcp.md §3 and §4.
///
/// The sender fills buffers of 1 MiB with whole frames. A file that does not fit into the rest of a buffer
/// goes on in a new frame in the next buffer. So the number of data frames follows from the sizes alone. The
/// receiver has nothing of the set, so it asks for everything but the empty files.
struct StreamSizes {
  /// Length and type before each frame's body.
  private static let frameHeader = UInt64(StreamLimits.frameHeaderByteCount)
  /// Header of the frame, then file and offset before the bytes of a data frame.
  private static let framedDataHeader = UInt64(StreamDataHeader.framedByteCount)
  private static let digestFrame = frameHeader + UInt64(StreamDigest.byteCount)
  private static let endFrame = frameHeader + UInt64(StreamEnd.byteCount)
  private static let piece = UInt64(StreamLimits.pieceByteCount)
  private static let buffer = UInt64(StreamLimits.bufferByteCount)
  private static let unit = UInt64(StreamLimits.unitByteCount)

  let helloByteCount = frameHeader + UInt64(StreamHello.byteCount)
  /// The manifest's frames. Behind them the sender waits for the receiver's answer.
  private(set) var manifestByteCount: UInt64 = 0
  /// All frames behind them.
  private(set) var restByteCount: UInt64 = 0
  private var used: UInt64 = 0

  init(_ set: AccountedSet) {
    var left = UInt64(set.manifestByteCount)
    while left > 0 {
      let room = Self.buffer - used
      guard room > Self.frameHeader else {
        used = 0
        continue
      }
      let bytes = min(left, Self.piece, room - Self.frameHeader)
      take(Self.frameHeader + bytes)
      left -= bytes
    }
    (manifestByteCount, restByteCount, used) = (restByteCount, 0, 0)
    for byteCount in set.imageByteCounts where byteCount > 0 {
      addFile(byteCount)
      add(Self.digestFrame)
    }
    add(Self.endFrame)
  }

  private mutating func addFile(_ byteCount: UInt64) {
    var left = byteCount
    let header = Self.framedDataHeader
    while left > 0 {
      let room = Self.buffer - used
      let limit = min(room > header ? room - header : 0, Self.piece)
      var bytes = min(left, limit / Self.unit * Self.unit)
      if bytes == 0, left <= limit { bytes = left }
      guard bytes > 0 else {
        used = 0
        continue
      }
      take(header + bytes)
      left -= bytes
    }
  }

  private mutating func add(_ frame: UInt64) {
    if Self.buffer - used < frame { used = 0 }
    take(frame)
  }

  private mutating func take(_ byteCount: UInt64) {
    used += byteCount
    restByteCount += byteCount
  }
}
