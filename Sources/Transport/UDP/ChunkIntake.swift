package import Datagrams
package import FileSet
import Ground
package import Wire

/// From datagrams to files. It joins the consecutive chunks of one read, hands them to the set, and settles
/// the files that are whole. It knows no session.
package final class ChunkIntake {
  /// The effect of storing some chunks.
  package struct Flushed {
    /// Chunks that the set does not keep after all. The session must ask for them again.
    package var forgotten: [Range<UInt64>] = []
    /// Chunks of files that turned out to be here from an earlier session.
    package var recognised: [Range<UInt64>] = []
    /// The error that ends the session.
    package var failure: FileSetError?
  }

  /// How long files are settled before the loop reads the network again. A slow file system can make it
  /// longer by the time of one file. Then the next datagrams are read first.
  private static let settlingNanoseconds: Nanoseconds = .milliseconds(1)

  private let files: ReceivedSet
  private let loop: DatagramLoop
  private let onEvent: (ReceivedEvent) -> Void
  private let onSettled: (SetOutcome) -> Void
  private let onForgotten: (Range<UInt64>) -> Void
  private var row = ChunkBatch()
  private var isScheduled = false
  private var isClosed = false
  /// Called when a whole file does not get its name because the disk is full.
  var onFull: () -> Void = {}
  /// `close` left something for a later session of the set.
  package private(set) var arePartsKept = false

  /// `onSettled` is called when the last file has been settled, `onForgotten` for chunks of files that are
  /// not as an earlier session left them. The session must ask for these.
  package init(
    _ files: ReceivedSet, loop: DatagramLoop, onEvent: @escaping (ReceivedEvent) -> Void,
    onForgotten: @escaping (Range<UInt64>) -> Void = { _ in },
    onSettled: @escaping (SetOutcome) -> Void
  ) {
    self.files = files
    self.loop = loop
    self.onEvent = onEvent
    self.onSettled = onSettled
    self.onForgotten = onForgotten
  }

  /// Which chunks belong to which file; nil before the manifest is known.
  var layout: SetLayout? { files.layout }

  /// Segments of files that were not as the sender signed them, each time.
  var wrongSegmentCount: UInt64 { files.wrongSegmentCount }

  /// Where the file's bytes are until it has its name.
  func partPath(ofFile file: Int) -> String { files.store.partPath(ofFile: file) }

  /// Where a window may read a file that is not whole. No file of a signed set is there: its bytes may be
  /// forged until they were compared with the signed digests.
  func shownPath(ofFile file: Int) -> String { files.manifest?.segments == nil ? partPath(ofFile: file) : "" }

  /// Whether the payload has as many bytes as its chunk must have.
  package func hasRightLength(_ data: DataDatagram) -> Bool {
    files.hasRightLength(data.chunkIndex, payloadByteCount: data.payload.count)
  }

  /// Whether `keep` would keep this chunk now. Chunks that arrive before the manifest wait in bounded memory.
  package func canKeep(_ chunk: UInt32) -> Bool { files.canKeep(chunk, pendingCount: row.count) }

  /// Takes a new chunk, whose datagram begins at `datagram` and must stay there until the next flush. Returns
  /// the effect of storing the row before it, when the chunk does not continue that row.
  package func keep(_ data: DataDatagram, at datagram: UnsafeRawPointer) -> Flushed? {
    var flushed: Flushed?
    if !row.extends(data.chunkIndex, at: datagram, full: files.shape.chunkByteCount) {
      flushed = flush()
      row.begin(data.chunkIndex, at: datagram)
    }
    row.append(payloadByteCount: data.payload.count, checksum: data.payloadChecksum)
    return flushed
  }

  /// Rebuilds a block and stores its missing chunks. Nothing waits for a flush.
  package func rebuild(
    _ block: UInt64, missingOf: (Range<UInt64>) -> [UInt64], by blocks: BlockIntake
  ) -> (BlockIntake.Result?, Flushed) {
    var flushed = Flushed()
    var result: BlockIntake.Result?
    do throws(FileSetError) {
      result = try blocks.rebuild(block, missingOf: missingOf)
      flushed.forgotten += files.takeForgotten()
    } catch { flushed.failure = error }
    flushed.recognised = files.takeRecognised()
    tellEvents()
    if files.canSettle { settleSoon() }
    return (result, flushed)
  }

  /// Stores the row; nil when it is empty.
  package func flush() -> Flushed? {
    guard row.count > 0, let base = row.base else { return nil }
    defer { row.clear() }
    var flushed = Flushed()
    do throws(FileSetError) {
      let outcome = try row.checksums.withUnsafeBufferPointer { (checksums) throws(FileSetError) in
        try files.accept(
          first: row.first, count: row.count, base: base, stride: row.stride,
          payloadOffset: DataHeader.byteCount, lastPayloadByteCount: row.lastByteCount,
          payloadChecksums: checksums)
      }
      if outcome != .accepted {
        flushed.forgotten = [UInt64(row.first)..<UInt64(row.first) + UInt64(row.count)]
      }
      flushed.forgotten += files.takeForgotten()
    } catch {
      flushed.failure = error
    }
    flushed.recognised = files.takeRecognised()
    tellEvents()
    if files.canSettle { settleSoon() }
    return flushed
  }

  /// Verifies whole files and gives them their names between two reads, each as soon as it is whole. A
  /// session that is cut short keeps them.
  package func settleSoon() {
    guard !isScheduled else { return }
    isScheduled = true
    // Strong: an object that is weakly referenced once is retained slowly for ever, here for each datagram.
    loop.schedule(after: 0) { self.settle() }
  }

  private func settle() {
    isScheduled = false
    guard !isClosed else { return }
    let end = loop.clock.now + Self.settlingNanoseconds
    var outcome: SetOutcome?
    repeat {
      outcome = files.settle(atMost: 1)
      files.takeForgotten().forEach(onForgotten)
      tellEvents()
    } while files.canSettle && loop.clock.now < end
    if files.canSettle {
      settleSoon()
    } else if let outcome {
      onSettled(outcome)
    } else if files.isFull {
      onFull()
    }
  }

  /// Why the disk takes nothing; nil while it does.
  var shortage: FileSetError? { files.shortage }
  var isFull: Bool { files.isFull }
  /// What the full disk lacks for the rest of the set.
  var missingByteCount: UInt64 { files.missingByteCount }

  /// Looks whether the full disk has room again, and goes on with whole files.
  func tryStorage() {
    files.tryStorage()
    if files.canSettle { settleSoon() }
  }

  /// Tells what an earlier session has left, and verifies its whole files.
  package func resume() {
    tellEvents()
    if files.canSettle { settleSoon() }
  }

  /// Writes down which chunks are here, for a later session; some times a second.
  package func save() {
    guard !isClosed else { return }
    files.save(now: loop.clock.now)
  }

  /// The session is over: settles what is whole, names what is not, and removes the parts, before anybody is
  /// told. If `keepsParts`, what arrived stays for a later session of the set.
  package func close(keepsParts: Bool = false) -> SetOutcome {
    isClosed = true
    let outcome = files.abandon()
    tellEvents()
    arePartsKept = files.close(keepsParts: keepsParts)
    return outcome
  }

  private func tellEvents() {
    while let event = files.nextEvent() { onEvent(event) }
  }
}
