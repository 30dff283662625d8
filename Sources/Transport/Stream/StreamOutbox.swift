import Accounting
import Checksum
import FileSet
import NIOCore
import Wire

/// The frames of a set behind the hello, in order, read from the files as they are asked for. One owner.
///
/// Files are read and written, not sent by sendfile: the CRC32 needs the bytes in any case, and with them in
/// the cache the second copy costs what sendfile's page handling does. 1 GB on loopback to a receiver that
/// discards, medians of 4 (GB/s; sender's processor seconds): read, CRC32, write 3.4; 0.30. Read, CRC32,
/// sendfile 3.3; 0.30. Mapped 2.6; 0.36. And the bytes whose CRC32 is told are the very ones that are sent.
struct StreamOutbox {
  private static let chunkByteCount = StreamLimits.unitByteCount

  let hello: StreamHello
  /// The first file that changed or could not be read.
  var firstFailure: FileSetError? { source.failures.first?.error }
  /// Bytes of files in the frames made so far.
  private(set) var fileByteCount: UInt64 = 0
  /// Bytes of the frames made so far, by what they carry; headers included.
  private(set) var framed = Framed()
  /// Whether the end frame is made: there is nothing more.
  private(set) var isFinished = false

  struct Framed {
    var manifest: UInt64 = 0
    var data: UInt64 = 0
    var digest: UInt64 = 0
    var end: UInt64 = 0
  }

  private let source: SetSource
  private var manifestBytes: [UInt8]
  private var manifestDone = 0
  private var file = 0
  private var fileDone: UInt64 = 0
  private var checksum: UInt32 = 0

  /// Throws as `SetSource` does.
  init(_ set: ScannedSet, sessionID: UInt64) throws(FileSetError) {
    source = try SetSource(set, chunkByteCount: Self.chunkByteCount)
    manifestBytes = set.manifest.encoded()
    hello = StreamHello(
      sessionID: sessionID, identity: source.identity, manifestByteCount: UInt32(manifestBytes.count),
      fileCount: UInt32(set.manifest.entries.count), fileByteCount: set.manifest.fileByteCount)
  }

  /// Appends whole frames until the next has no room in the buffer's first `byteCount` bytes, or all are
  /// made.
  ///
  /// Many small files share a buffer, so that one system call sends them.
  mutating func fill(_ buffer: inout ByteBuffer, byteCount: Int) {
    while !isFinished {
      let room = byteCount - buffer.readableBytes
      if manifestDone < manifestBytes.count {
        guard appendManifest(to: &buffer, room: room) else { return }
      } else if file < source.manifest.entries.count {
        guard appendFile(to: &buffer, room: room) else { return }
      } else {
        let end = StreamEnd(fileCount: UInt32(file), fileByteCount: fileByteCount)
        guard append(end, to: &buffer, room: room) else { return }
        framed.end += UInt64(StreamLimits.frameHeaderByteCount + end.bodyByteCount)
        isFinished = true
      }
    }
  }

  private func append(_ message: some StreamBody, to buffer: inout ByteBuffer, room: Int) -> Bool {
    guard StreamLimits.frameHeaderByteCount + message.bodyByteCount <= room else { return false }
    buffer.writeBytes(message.frame())
    return true
  }

  private mutating func appendManifest(to buffer: inout ByteBuffer, room: Int) -> Bool {
    let piece = min(
      manifestBytes.count - manifestDone, StreamLimits.pieceByteCount,
      room - StreamLimits.frameHeaderByteCount)
    guard piece > 0 else { return false }
    framed.manifest += UInt64(StreamLimits.frameHeaderByteCount + piece)
    buffer.writeInteger(UInt32(1 + piece))
    buffer.writeInteger(StreamFrameType.manifest.rawValue)
    buffer.writeBytes(manifestBytes[manifestDone..<manifestDone + piece])
    manifestDone += piece
    if manifestDone == manifestBytes.count {
      manifestBytes = []
      manifestDone = 0
    }
    return true
  }

  /// The next piece of the file at hand, or its digest when all of it is sent.
  private mutating func appendFile(to buffer: inout ByteBuffer, room: Int) -> Bool {
    let left = source.manifest.entries[file].byteCount - fileDone
    guard left > 0 else {
      // A digest that is wrong on purpose: the file fails, and the others arrive.
      let digest = StreamDigest(file: UInt32(file), checksum: source.hasFailed(file) ? ~checksum : checksum)
      guard append(digest, to: &buffer, room: room) else { return false }
      framed.digest += UInt64(StreamLimits.frameHeaderByteCount + digest.bodyByteCount)
      file += 1
      fileDone = 0
      checksum = 0
      return true
    }
    let limit = min(room - StreamDataHeader.framedByteCount, StreamLimits.pieceByteCount)
    let chunkCount = max(0, limit) / Self.chunkByteCount
    let byteCount = Int(min(left, UInt64(chunkCount * Self.chunkByteCount)))
    // A short last chunk may fit where a whole one does not.
    let isShortEnd = byteCount == 0 && left <= UInt64(max(0, limit))
    guard byteCount > 0 || isShortEnd else { return false }
    appendData(to: &buffer, byteCount: isShortEnd ? Int(left) : byteCount)
    return true
  }

  private mutating func appendData(to buffer: inout ByteBuffer, byteCount: Int) {
    let header = StreamDataHeader(file: UInt32(file), offset: fileDone)
    let framed = StreamDataHeader.framedByteCount
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: framed + byteCount) { memory in
      header.writeFramed(byteCount: byteCount, into: memory)
      let bytes = UnsafeMutableRawBufferPointer(rebasing: memory[framed..<framed + byteCount])
      source.read(file: file, offset: fileDone, into: bytes)
      checksum = CRC32.checksum(UnsafeRawBufferPointer(bytes), continuing: checksum)
      return framed + byteCount
    }
    self.framed.data += UInt64(framed + byteCount)
    fileDone += UInt64(byteCount)
    fileByteCount += UInt64(byteCount)
  }

  /// Once all is made: `handedByteCount` went to the socket.
  func account(handedByteCount: UInt64) -> Account {
    Account([
      Equation(
        "bytes", [Equation.Term("handed to the socket", handedByteCount)],
        [
          Equation.Term("hello", UInt64(StreamLimits.frameHeaderByteCount + hello.bodyByteCount)),
          Equation.Term("manifest", framed.manifest), Equation.Term("data", framed.data),
          Equation.Term("digests", framed.digest), Equation.Term("end", framed.end),
        ]),
      Equation(
        "bytes", [Equation.Term("of files", hello.fileByteCount)],
        [Equation.Term("read and sent", fileByteCount)], isDetail: true),
    ])
  }
}
