import Foundation
import Ground
import MemoryDisk
import Testing

/// Seeded runs of a sender and its receivers whose disks, processes and network fail.
///
/// GALLERY_FAULTS=N runs N seeds in place of the usual number, GALLERY_FAULT_SEED=S begins at S. A failure
/// prints its seed, and the fewest faults with which it fails. `Tools/faults` does this by hand.
@Suite struct FaultTests {
  private static func number(_ name: String) -> UInt64? {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
  }

  @Test func whateverFailsEveryReceiverBecomesWhole() {
    let first = Self.number("GALLERY_FAULT_SEED") ?? 1
    let count = Self.number("GALLERY_FAULTS") ?? 500
    var failureCount = 0
    for seed in first..<first + count where failureCount < 5 {
      let setting = FaultSetting(seed: seed)
      guard !FaultRun(setting, faults: setting.faults).run().isEmpty else { continue }
      failureCount += 1
      Issue.record("seed \(seed): \(Self.smallest(setting, setting.faults))")
    }
  }

  /// Two runs of one seed do the same.
  @Test(arguments: [3, 17, 92, 373] as [UInt64])
  func aRunRepeats(seed: UInt64) {
    let setting = FaultSetting(seed: seed)
    let results = (0..<2).map { _ in
      let run = FaultRun(setting, faults: setting.faults)
      _ = run.run()
      return [UInt64(run.eventCount), UInt64(run.datagramCount), run.now.nanoseconds]
    }
    #expect(results[0] == results[1] && results[0][1] > 0)
  }

  /// Each operation of a receiver's disk fails in each way. With GALLERY_FAULTS_PAIRS each datagram of the
  /// first session is lost as well.
  @Test(arguments: [
    MemoryDisk.Failure.kill, .powerCut, .ioError, .shortWrite, .full(.milliseconds(700)),
  ])
  func anyOperationOfTheDiskMayFail(failure: MemoryDisk.Failure) {
    for hasRecords in [false, true] {
      let setting = Self.small(hasRecords: hasRecords)
      let run = FaultRun(setting, faults: [])
      #expect(run.run().isEmpty)
      let operationCount = run.receivers[0].disk.operationCount
      #expect(operationCount > 20)
      let lossCount = Self.number("GALLERY_FAULTS_PAIRS") == nil ? 0 : run.datagramCount
      for operation in 1...operationCount {
        for lost in 0...lossCount {
          let faults: [Fault] =
            [.disk(receiver: 0, operation, failure)] + (lost > 0 ? [.lose(receiver: 0, lost)] : [])
          guard !FaultRun(setting, faults: faults).run().isEmpty else { continue }
          Issue.record("records \(hasRecords): \(Self.smallest(setting, faults))")
          return
        }
      }
    }
  }

  /// A disk is full, or a quota used up, for longer than a peer may be silent, from any operation of a
  /// session on: the session goes on when there is room, and needs no other one.
  @Test(
    arguments: zip(
      [1, 3, 1], [MemoryDisk.Failure.full(.seconds(100)), .full(.seconds(100)), .quota(.seconds(100))]))
  func aSessionOutlivesAFullDisk(receiverCount: Int, failure: MemoryDisk.Failure) {
    var setting = Self.small(hasRecords: false)
    setting.receiverCount = receiverCount
    setting.isGroup = receiverCount > 1
    setting.parity = receiverCount > 1 ? (4, 2) : nil
    let run = FaultRun(setting, faults: [])
    #expect(run.run().isEmpty)
    // The first operations make the folders of the session, before there is one.
    for operation in Self.operationsBeforeSession + 1...run.receivers[0].disk.operationCount {
      let full = FaultRun(setting, faults: [.disk(receiver: 0, operation, failure)])
      #expect(full.run() == [], "operation \(operation)")
      #expect(full.receivers[0].sessionCount == 1 && full.sender.sessionCount == 1, "operation \(operation)")
    }
  }

  private static let operationsBeforeSession = 6

  /// What failed before: each was found by a seed.
  @Test(
    arguments: [
      // The file that gets its bits from the umask was left behind, and its name was taken in the next
      // session.
      (39, [.powerCut(receiver: 0, 113_419_200), .disk(receiver: 0, 43, .powerCut)]),
      // A published file whose bytes had not reached the disk stood in the way of its own successor.
      (476, [.disk(receiver: 0, 44, .powerCut)]),
      (373, [.powerCut(receiver: 0, 295_230_576), .powerCut(receiver: 0, 2_189_000_000)]),
      // A receiver that stated its outcome waited, without sleep, for a time to ask that was over.
      (2_021_112, FaultSetting(seed: 2_021_112).faults),
      (
        2_027_138,
        [
          .disk(receiver: 1, 24, .full(2_080_000_000)),
          .sleep(node: 2, at: 84_372_800, 19_885_000_000), .killSender(4_826_000_000),
        ]
      ),
      // The power was cut in the last job of a session that had said that it is whole.
      (
        2_030_550,
        [
          .sleep(node: 2, at: 192_063_936, 16_805_000_000), .disk(receiver: 1, 41, .powerCut), .readError(1),
        ]
      ),
      // A receiver that had nearly everything said that it is whole before its last report had arrived, and
      // was killed: its sender had counted this as malformed, and called it silent.
      (
        7_163_739,
        [
          .loseBack(receiver: 1, 12), .readError(14), .disk(receiver: 0, 81, .kill),
          .kill(receiver: 0, 137_532_800),
        ]
      ),
      // On a full disk a chunk was asked for again whose file is in the inbox. All files had their names
      // before it came, and the receiver never said so.
      (
        972_223,
        [.loseBack(receiver: 0, 5), .readError(1), .disk(receiver: 1, 49, .full(2_906_000_000))]
      ),
      // A session that ended with work planned left its files open.
      (374, [.disk(receiver: 0, 11, .full(2_433_000_000))]),
    ] as [(UInt64, [Fault])])
  func whatFailedOnceHolds(seed: UInt64, faults: [Fault]) {
    #expect(FaultRun(FaultSetting(seed: seed), faults: faults).run() == [])
  }

  /// In a second session, which lacks one file, a chunk has a wrong length, and another datagram is lost
  /// around it. Before the manifest only the announce tells lengths. So a chunk of a file that is here is
  /// perhaps asked for again, and arrives when all files have their names.
  @Test func aChunkOfAWrongLengthCostsNoSession() {
    var setting = Self.small(hasRecords: true)
    // The set is under way before a lost manifest is repaired.
    (setting.rateBitsPerSecond, setting.delayNanoseconds) = (1e7, .milliseconds(8))
    let second: [Fault] = [.readError(1)]
    let run = FaultRun(setting, faults: second)
    #expect(run.run().isEmpty && run.receivers[0].sessionCount == 2)
    for number in 1...run.datagramCount {
      for lost in max(1, number - 9)...number + 1 where lost != number {
        let faults = second + [.shorten(receiver: 0, number), .lose(receiver: 0, lost)]
        let run = FaultRun(setting, faults: faults)
        #expect(run.run() == [] && run.sender.sessionCount == 2, "\(number), \(lost)")
      }
    }
  }

  /// The checks see what they look for: a run without one of its receivers has no end, and one whose file is
  /// changed behind its back has a wrong one.
  @Test func aFaultOfTheProgramIsSeen() {
    let setting = Self.small(hasRecords: false)
    let silent = FaultRun(setting, faults: (1...5_000).map { .lose(receiver: 0, $0) })
    #expect(silent.run().contains { $0.contains("no end") })
    let changed = FaultRun(setting, faults: [])
    _ = changed.receivers[0].disk.make("inbox/b.jpg", Array(repeating: 7, count: 700))
    #expect(changed.run().contains { $0.contains("no end") })
  }

  private static func small(hasRecords: Bool) -> FaultSetting {
    var setting = FaultSetting(seed: 1)
    setting.receiverCount = 1
    setting.isGroup = false
    setting.parity = nil
    setting.chunkByteCount = 500
    setting.files = [("a.jpg", 1_200), ("b.jpg", 700), ("empty.jpg", 0), ("folder/c.jpg", 2_000)]
    setting.delayNanoseconds = .milliseconds(1)
    setting.jitterNanoseconds = 0
    setting.rateBitsPerSecond = 1e5
    setting.hasRecords = hasRecords
    return setting
  }

  /// The fewest faults with which a run fails, as text.
  private static func smallest(_ setting: FaultSetting, _ all: [Fault]) -> String {
    let fails = { (faults: [Fault]) in !FaultRun(setting, faults: faults).run().isEmpty }
    let faults = Shrinker.smallest(all, tries: 400, fails: fails)
    let violations = FaultRun(setting, faults: faults).run()
    return "\(violations.first ?? "fails with all faults only"); the faults: \(faults); \(setting)"
  }
}
