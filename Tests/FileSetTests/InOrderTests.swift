import FileSet
import Ground
import MemoryDisk
import Testing

/// A set whose files arrive one behind the other, cut at any operation of its disk.
@Suite struct ReceivedSetInOrderTests {
  /// Gives the set what it lacks, chunk by chunk, and settles each file; the map goes to the disk now and
  /// then. Returns how many chunks it lacked.
  @discardableResult
  private func run(_ set: ReceivedSet, _ host: MemoryHost) throws -> Int {
    _ = set.settle()
    var lacking: [Range<UInt64>] = []
    set.forEachLackingFile { file, heldChunkCount in
      let chunks = host.source.layout.chunks(ofFile: file)
      lacking.append(chunks.lowerBound + heldChunkCount..<chunks.upperBound)
    }
    for (number, chunk) in lacking.joined().enumerated() {
      try #require(set.accept(host.chunks[Int(chunk)]) == .accepted)
      _ = set.settle()
      set.save(now: host.now)
      host.wait(.seconds(1))
      if number % 2 == 1 { host.disk.runAllJobs() }
    }
    return lacking.joined().count
  }

  private func finish(_ host: MemoryHost, _ comment: Comment) throws -> Int {
    let set = try host.inOrderReceiver()
    let lackingCount = try run(set, host)
    let outcome = try #require(set.settle(), comment)
    #expect(outcome.verifiedFileCount == 3, comment)
    #expect(outcome.failures.map(\.file) == [3], comment)
    for (name, bytes) in MemoryHost.files where name != "taken.jpg" {
      #expect(host.disk.bytes("inbox/\(name)") == bytes, comment)
    }
    _ = set.close(keepsParts: true)
    #expect(host.names == ["a.jpg", "empty.jpg", "folder", "taken.jpg"], comment)
    return lackingCount
  }

  /// After a kill at most the chunk at hand comes again, and the file that is in nobody's way.
  @Test(arguments: [MemoryDisk.Failure.kill, .powerCut])
  func cutAtEveryOperation(failure: MemoryDisk.Failure) throws {
    let whole = try MemoryHost()
    let chunkCount = try finish(whole, "undisturbed")
    var lackingCounts: Set<Int> = []
    for operation in 1...whole.disk.operationCount {
      let host = try MemoryHost()
      host.disk.failures = [operation: failure]
      do { try run(try host.inOrderReceiver(), host) } catch is FileSetError {}
      host.disk.kill(failure)
      host.disk.failures = [:]
      host.disk.restart()
      lackingCounts.insert(try finish(host, "\(failure) at \(operation)"))
    }
    // From nothing to everything but the file that is in the way.
    #expect(lackingCounts.max() == chunkCount && (lackingCounts.min() ?? .max) <= 1)
    #expect(lackingCounts.count > (failure == .kill ? 4 : 2))
  }

  /// What came out of order, from a session that knows chunks, counts up to the first gap.
  @Test(arguments: 0...5) func onlyTheBeginningOfAFileCounts(gap: Int) throws {
    let host = try MemoryHost()
    do {
      let set = try host.inOrderReceiver()
      let chunks = host.source.layout.chunks(ofFile: 0)
      for chunk in chunks where Int(chunk - chunks.lowerBound) != gap {
        try #require(set.accept(host.chunks[Int(chunk)]) == .accepted)
      }
      set.save(now: host.now)
    }
    host.disk.restart()
    let set = try host.inOrderReceiver()
    let heldCount = Int(set.heldChunkCount(ofFile: 0))
    #expect(heldCount == min(gap, host.source.layout.chunks(ofFile: 0).count))
    try run(set, host)
    #expect(host.disk.bytes("inbox/a.jpg") == MemoryHost.files[0].1)
  }
}
