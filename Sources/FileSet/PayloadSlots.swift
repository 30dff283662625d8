import Glibc

/// Chunk payloads at equal distances in a buffer, as in a train of datagrams with their headers. Chunk i's
/// payload starts at `base` + i · `stride`.
struct PayloadSlots {
  var base: UnsafeMutableRawPointer
  /// Bytes from one payload's start to the next, ≥ `chunkByteCount`.
  var stride: Int
  /// Payload bytes of every chunk but the last.
  var chunkByteCount: Int
  /// Payload bytes of all chunks together.
  var byteCount: Int

  /// Each chunk's payload, in order.
  @inline(__always)
  func eachPayload(_ body: (UnsafeMutableRawBufferPointer) -> Void) {
    var done = 0
    var start = base
    while done < byteCount {
      let length = min(chunkByteCount, byteCount - done)
      body(UnsafeMutableRawBufferPointer(start: start, count: length))
      done += length
      start += stride
    }
  }
}

/// The vectors of one preadv or pwritev call. They are made once, and filled again for each call.
struct IOVectors: ~Copyable {
  /// UIO_MAXIOV of Linux.
  private static let capacity = 1024
  private let vectors = UnsafeMutablePointer<iovec>.allocate(capacity: capacity)

  deinit { vectors.deallocate() }

  /// Moves all bytes of `slots` by calls of `transfer` (vectors, their number, bytes done before). `transfer`
  /// returns the result of preadv or pwritev. Returns the number of bytes moved: fewer than asked for when
  /// `transfer` returned 0, and -1 with `errno` set when it failed.
  func transfer(_ slots: PayloadSlots, _ transfer: (UnsafePointer<iovec>, Int32, Int) -> Int) -> Int {
    var done = 0
    while done < slots.byteCount {
      let count = fill(slots, from: done)
      let moved = retryingInterrupts { transfer(vectors, Int32(count), done) }
      if moved < 0 { return -1 }
      if moved == 0 { return done }
      done += moved
    }
    return done
  }

  /// Fills the vectors with the payload bytes from byte `done` on; returns their number.
  private func fill(_ slots: PayloadSlots, from done: Int) -> Int {
    if slots.stride == slots.chunkByteCount {
      vectors[0] = iovec(iov_base: slots.base + done, iov_len: slots.byteCount - done)
      return 1
    }
    var position = done
    var count = 0
    while position < slots.byteCount, count < Self.capacity {
      let (chunk, inner) = position.quotientAndRemainder(dividingBy: slots.chunkByteCount)
      let length = min(slots.chunkByteCount - inner, slots.byteCount - position)
      vectors[count] = iovec(iov_base: slots.base + chunk * slots.stride + inner, iov_len: length)
      position += length
      count += 1
    }
    return count
  }
}
