import Checksum

/// The CRC32 of each file together with its digest. It is joined from the CRC32s of the file's chunks, in
/// whatever order they arrive, without a second pass over the bytes.
///
/// Joining is linear. The CRC32 of the whole is the exclusive or of its chunks' CRC32s, each multiplied by
/// x^8n for the n bytes behind the chunk (zlib's `crc32_combine`). So one accumulator for each file is
/// enough, whatever gaps there are: 16 bytes a file. Chunks in order extend an open run, at the cost of one
/// table join each. Only a run that ends is multiplied to its place, by powers x^(8·chunk·2^k) whose tables
/// are made once.
struct FileDigests {
  private let layout: SetLayout
  /// The CRC32 over all full chunks without the file's last chunk; over the whole file once all of it is
  /// here.
  private var accumulated: [UInt32]
  private var lastChecksums: [UInt32]
  /// The digests as they were sent, as far as their bytes are here.
  private var sentDigests: [UInt32]
  /// Chunks that are still missing, of each file.
  private(set) var missingChunkCounts: [UInt32]
  /// powers[k] moves a CRC32 over 2^k full chunks.
  private let powers: [CRC32.Joiner]
  private var open: OpenRun?

  private struct OpenRun {
    var file: Int
    var next: UInt64
    var checksum: UInt32
  }

  init(layout: SetLayout) {
    self.layout = layout
    accumulated = [UInt32](repeating: 0, count: layout.fileCount)
    lastChecksums = accumulated
    sentDigests = accumulated
    missingChunkCounts = (0..<layout.fileCount).map { UInt32(layout.chunks(ofFile: $0).count) }
    let longest = missingChunkCounts.max() ?? 0
    powers = (0..<max(1, UInt32.bitWidth - longest.leadingZeroBitCount)).map {
      CRC32.Joiner(byteCount: UInt64(layout.chunkByteCount) << UInt64($0))
    }
  }

  /// For a file whose chunks are all here: the CRC32 that was sent behind its bytes, and the CRC32 of the
  /// bytes that arrived.
  func digests(ofFile file: Int) -> (sent: UInt32, computed: UInt32) {
    guard layout.fileByteCounts[file] > 0 else { return (0, 0) }
    let sent = sentDigests[file]
    return (sent, CRC32.removing(sent, from: accumulated[file]))
  }

  /// The bytes of the file's digest that have arrived, as the sender sent them; the others are 0.
  func sentDigest(ofFile file: Int) -> UInt32 { sentDigests[file] }

  /// Takes one byte of the file's digest, `position` in 0 ... 3.
  mutating func addDigestByte(_ byte: UInt8, at position: Int, ofFile file: Int) {
    sentDigests[file] |= UInt32(byte) << UInt32(8 * position)
  }

  /// All chunks of a file are here from an earlier session, in which its CRC32 was found to be right. No
  /// chunk of it has been given.
  mutating func addWhole(_ file: Int, checksum: UInt32) {
    sentDigests[file] = checksum
    accumulated[file] = CRC32.residue
    missingChunkCounts[file] = 0
  }

  /// All chunks of a file are missing again.
  mutating func remove(_ file: Int) {
    sentDigests[file] = 0
    accumulated[file] = 0
    missingChunkCounts[file] = UInt32(layout.chunks(ofFile: file).count)
  }

  /// So many chunks of a file whose chunks are all here are missing again. Its CRC32 means nothing from now
  /// on.
  mutating func lose(_ count: UInt64, ofFile file: Int) { missingChunkCounts[file] = UInt32(clamping: count) }

  /// Takes the checksums of a run of one file's chunks, one for each chunk. No chunk may be given twice.
  /// Returns whether all chunks of the file are here now.
  mutating func add(_ run: ChunkRun, file: Int, checksums: UnsafePointer<UInt32>) -> Bool {
    guard missingChunkCounts[file] >= run.count else { return false }
    let end = layout.chunks(ofFile: file).upperBound
    let holdsLast = UInt64(run.first) + UInt64(run.count) == end
    extend(file: file, first: UInt64(run.first), count: run.count - (holdsLast ? 1 : 0), checksums: checksums)
    if holdsLast { lastChecksums[file] = checksums[run.count - 1] }
    missingChunkCounts[file] -= UInt32(run.count)
    guard missingChunkCounts[file] == 0 else { return false }
    finish(file: file)
    return true
  }

  /// Adds full chunks to the open run, or closes it and opens another.
  private mutating func extend(file: Int, first: UInt64, count: Int, checksums: UnsafePointer<UInt32>) {
    guard count > 0 else { return }
    var checksum: UInt32 = 0
    if let run = open, run.file == file, run.next == first {
      checksum = run.checksum
    } else {
      closeRun()
    }
    let single = powers[0]
    for index in 0..<count { checksum = single.join(checksum, checksums[index]) }
    open = OpenRun(file: file, next: first + UInt64(count), checksum: checksum)
  }

  /// Moves the open run's CRC32 over the full chunks between it and the file's last chunk, into the
  /// accumulator.
  private mutating func closeRun() {
    guard let run = open else { return }
    open = nil
    var distance = layout.chunks(ofFile: run.file).upperBound - 1 - run.next
    var checksum = run.checksum
    while distance > 0 {
      checksum = powers[distance.trailingZeroBitCount].join(checksum, 0)
      distance &= distance - 1
    }
    accumulated[run.file] ^= checksum
  }

  private mutating func finish(file: Int) {
    if open?.file == file { closeRun() }
    let chunks = layout.chunks(ofFile: file)
    let lastByteCount =
      layout.rowByteCount(ofFile: file) - UInt64(chunks.count - 1) * UInt64(layout.chunkByteCount)
    accumulated[file] =
      chunks.count == 1
      ? lastChecksums[file] : CRC32.joined(accumulated[file], lastChecksums[file], bByteCount: lastByteCount)
  }
}
