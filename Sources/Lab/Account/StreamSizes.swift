/// The bytes of chunked TCP's frames from sender to receiver, Specs/chunked-tcp.md §3 and §4.
///
/// The sender fills buffers of 1 MiB with whole frames; where a file meets a buffer's end, it goes on in a new frame. So
/// the number of data frames follows from the sizes alone.
struct StreamSizes {
  /// Length and type before each frame's body.
  private static let frameHeader: UInt64 = 5
  /// File and offset before the bytes of a data frame.
  private static let dataHeader: UInt64 = 12
  private static let digestFrame: UInt64 = 5 + 8
  private static let endFrame: UInt64 = 5 + 12
  private static let buffer: UInt64 = 1 << 20
  private static let piece: UInt64 = 1 << 20
  /// Files are read in units of this, whole ones but for the last.
  private static let unit: UInt64 = 65_475

  let helloByteCount: UInt64 = 5 + 48
  /// All frames behind the hello.
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
    for byteCount in set.imageByteCounts {
      addFile(byteCount)
      add(Self.digestFrame)
    }
    add(Self.endFrame)
  }

  private mutating func addFile(_ byteCount: UInt64) {
    var left = byteCount
    let header = Self.frameHeader + Self.dataHeader
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
