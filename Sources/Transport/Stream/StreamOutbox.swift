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
  /// Of bytes that the receiver has: one read, and reads between two looks at what the receiver says.
  private static let readByteCount = 1 << 18
  private static let readsPerTurn = 32

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
    var reading: UInt64 = 0
    var end: UInt64 = 0
  }

  private let source: SetSource
  private var manifestBytes: [UInt8]
  private var manifestDone = 0
  private var plan = StreamPlan()
  private var current: SentFile?

  /// The file at hand.
  private struct SentFile {
    let file: Int
    let byteCount: UInt64
    /// The receiver has the bytes before this place.
    let start: UInt64
    /// The end of the bytes that are sent, and their CRC32.
    var done: UInt64
    var checksum: UInt32 = 0
    /// The end of the bytes before `start` that were read for the digest, and their CRC32.
    var readDone: UInt64 = 0
    var readChecksum: UInt32 = 0
  }

  /// Throws as `SetSource` does.
  init(_ set: ScannedSet, sessionID: UInt64) throws(FileSetError) {
    source = try SetSource(set, chunkByteCount: Self.chunkByteCount)
    manifestBytes = set.manifest.encoded()
    hello = StreamHello(
      sessionID: sessionID, identity: source.identity, manifestByteCount: UInt32(manifestBytes.count),
      fileCount: UInt32(set.manifest.entries.count), fileByteCount: set.manifest.fileByteCount)
  }

  /// The manifest is sent, and the receiver has not said all of what it lacks.
  var awaitsRest: Bool { manifestBytes.isEmpty && !plan.isComplete }
  /// Bytes of files that the receiver has already, once it has said so.
  var leftOutByteCount: UInt64 { plan.isComplete ? hello.fileByteCount - plan.byteCount : 0 }
  /// Bytes that the receiver has are read, for the digest of their file.
  var isReading: Bool { current.map { $0.done == $0.byteCount && $0.readDone < $0.start } ?? false }

  /// Takes the next frame of what the receiver lacks. False when it does not fit.
  mutating func take(_ rest: StreamRest) -> Bool { awaitsRest && plan.add(rest, source.manifest.entries) }

  /// Appends whole frames until the next has no room in the buffer's first `byteCount` bytes, or none can be
  /// made: all are, or `awaitsRest`, or `isReading`. Then it has read a part, and the caller comes again
  /// soon.
  ///
  /// Many small files share a buffer, so that one system call sends them.
  mutating func fill(_ buffer: inout ByteBuffer, byteCount: Int) {
    while !isFinished, !awaitsRest {
      let room = byteCount - buffer.readableBytes
      if manifestDone < manifestBytes.count {
        guard appendManifest(to: &buffer, room: room) else { return }
        continue
      }
      if current == nil, let (file, offset) = plan.next() {
        let size = source.manifest.entries[file].byteCount
        current = SentFile(file: file, byteCount: size, start: offset, done: offset)
      }
      guard let file = current else {
        let end = StreamEnd(fileCount: UInt32(plan.fileCount), fileByteCount: fileByteCount)
        guard append(end, to: &buffer, room: room) else { return }
        framed.end += UInt64(StreamLimits.frameHeaderByteCount + end.bodyByteCount)
        isFinished = true
        return
      }
      if isReading { return readPart() }
      guard appendFile(file, to: &buffer, room: room) else { return }
    }
  }

  /// A frame that tells the receiver that bytes which it has are read.
  mutating func readingFrame() -> [UInt8] {
    framed.reading += UInt64(StreamLimits.frameHeaderByteCount)
    return StreamReading().frame()
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
  private mutating func appendFile(_ file: SentFile, to buffer: inout ByteBuffer, room: Int) -> Bool {
    let left = file.byteCount - file.done
    guard left > 0 else {
      let digest = StreamDigest(file: UInt32(file.file), checksum: digest(of: file))
      guard append(digest, to: &buffer, room: room) else { return false }
      framed.digest += UInt64(StreamLimits.frameHeaderByteCount + digest.bodyByteCount)
      current = nil
      return true
    }
    let limit = min(room - StreamDataHeader.framedByteCount, StreamLimits.pieceByteCount)
    let chunkCount = max(0, limit) / Self.chunkByteCount
    let byteCount = Int(min(left, UInt64(chunkCount * Self.chunkByteCount)))
    // A short last chunk may fit where a whole one does not.
    let isShortEnd = byteCount == 0 && left <= UInt64(max(0, limit))
    guard byteCount > 0 || isShortEnd else { return false }
    appendData(file, to: &buffer, byteCount: isShortEnd ? Int(left) : byteCount)
    return true
  }

  /// The CRC32 of all bytes of a file, those that are left out too.
  private func digest(of file: SentFile) -> UInt32 {
    let checksum =
      file.start == 0
      ? file.checksum
      : CRC32.joined(file.readChecksum, file.checksum, bByteCount: file.byteCount - file.start)
    // What is left out was read last.
    let isRight = file.start == 0 ? !source.hasFailed(file.file) : source.isUnchanged(file.file)
    // A digest that is wrong on purpose: the file fails, and the others arrive.
    return isRight ? checksum : ~checksum
  }

  private mutating func appendData(_ file: SentFile, to buffer: inout ByteBuffer, byteCount: Int) {
    let header = StreamDataHeader(file: UInt32(file.file), offset: file.done)
    let framed = StreamDataHeader.framedByteCount
    var checksum = file.checksum
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: framed + byteCount) { memory in
      header.writeFramed(byteCount: byteCount, into: memory)
      let bytes = UnsafeMutableRawBufferPointer(rebasing: memory[framed..<framed + byteCount])
      source.read(file: file.file, offset: file.done, into: bytes)
      checksum = CRC32.checksum(UnsafeRawBufferPointer(bytes), continuing: checksum)
      return framed + byteCount
    }
    current?.checksum = checksum
    current?.done += UInt64(byteCount)
    self.framed.data += UInt64(framed + byteCount)
    fileByteCount += UInt64(byteCount)
  }

  /// Reads the next of the bytes that the receiver has.
  private mutating func readPart() {
    guard let file = current else { return }
    // Nothing of a file that has changed is of use.
    guard !source.hasFailed(file.file) else {
      current?.readDone = file.start
      return
    }
    withUnsafeTemporaryAllocation(byteCount: Self.readByteCount, alignment: 64) { memory in
      for _ in 0..<Self.readsPerTurn {
        guard let file = current, file.readDone < file.start else { return }
        let count = Int(min(UInt64(memory.count), file.start - file.readDone))
        let bytes = UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
        source.read(file: file.file, offset: file.readDone, into: bytes)
        current?.readChecksum = CRC32.checksum(
          UnsafeRawBufferPointer(bytes), continuing: file.readChecksum)
        current?.readDone += UInt64(count)
      }
    }
  }

  /// Once all is made: `handedByteCount` went to the socket.
  func account(handedByteCount: UInt64) -> Account {
    Account([
      Equation(
        "bytes", [Equation.Term("handed to the socket", handedByteCount)],
        [
          Equation.Term("hello", UInt64(StreamLimits.frameHeaderByteCount + hello.bodyByteCount)),
          Equation.Term("manifest", framed.manifest), Equation.Term("data", framed.data),
          Equation.Term("digests", framed.digest), Equation.Term("reading", framed.reading),
          Equation.Term("end", framed.end),
        ]),
      Equation(
        "bytes", [Equation.Term("of files", hello.fileByteCount)],
        [
          Equation.Term("read and sent", fileByteCount),
          Equation.Term("left out, because they were there", leftOutByteCount),
        ], isDetail: true),
    ])
  }
}
