import Ground
import Session
import Testing
import Wire

@Suite struct NackLedgerTests {
  private static func verdicts(_ script: (inout NackLedger) -> Void) -> NackLedger.Verdicts {
    var ledger = NackLedger()
    script(&ledger)
    return ledger.verdicts
  }

  private static func asked(_ first: UInt32, _ count: UInt32 = 1) -> [ChunkRange] {
    [ChunkRange(first: first, count: count)]
  }

  @Test func aNackWhoseChunkWasRepairedIsNecessary() {
    let verdicts = Self.verdicts {
      $0.noteSent(Self.asked(5, 2))
      $0.noteArrival(5, isRepair: true)
      $0.noteArrival(6, isRepair: true)
    }
    #expect(verdicts.necessaryNacks == 1 && verdicts.spuriousNacks == 0 && verdicts.openNacks == 0)
    #expect(verdicts.necessaryChunks == 2)
  }

  @Test(arguments: [[false], [true, false], [false, true]])
  func aNackForWhatWasOnlyLateIsSpurious(arrivals: [Bool]) {
    let verdicts = Self.verdicts { ledger in
      ledger.noteSent(Self.asked(5))
      for isRepair in arrivals { ledger.noteArrival(5, isRepair: isRepair) }
    }
    #expect(verdicts.spuriousNacks == 1 && verdicts.spuriousChunks == 1 && verdicts.necessaryNacks == 0)
  }

  @Test func oneLostChunkMakesANackNecessary() {
    let verdicts = Self.verdicts {
      $0.noteSent(Self.asked(5, 3))
      $0.noteArrival(5, isRepair: false)
      $0.noteArrival(6, isRepair: true)
    }
    #expect(verdicts.necessaryNacks == 1 && verdicts.openNacks == 0)
    #expect(verdicts.spuriousChunks == 1 && verdicts.necessaryChunks == 1 && verdicts.openChunks == 1)
  }

  @Test func askingAgainIsNecessaryWhenOneRepairCame() {
    let verdicts = Self.verdicts {
      $0.noteSent(Self.asked(5))
      $0.noteSent(Self.asked(5))
      $0.noteArrival(5, isRepair: true)
    }
    #expect(verdicts.necessaryNacks == 2, "the first, or its repair, was lost")
  }

  @Test func askingAgainIsSpuriousWhenBothRepairsCame() {
    let verdicts = Self.verdicts {
      $0.noteSent(Self.asked(5))
      $0.noteSent(Self.asked(5))
      for _ in 0..<2 { $0.noteArrival(5, isRepair: true) }
    }
    #expect(verdicts.necessaryNacks == 1 && verdicts.spuriousNacks == 1)
  }

  @Test func aRepairThatOthersAskedForAgainIsNotOurDoing() {
    let verdicts = Self.verdicts {
      $0.noteSent(Self.asked(5))
      for _ in 0..<4 { $0.noteArrival(5, isRepair: true) }
    }
    #expect(verdicts.necessaryNacks == 1 && verdicts.spuriousNacks == 0)
  }

  @Test func whatNeverCameIsOpen() {
    let verdicts = Self.verdicts { $0.noteSent(Self.asked(5)) }
    #expect(verdicts.openNacks == 1 && verdicts.openChunks == 1)
    #expect(Self.verdicts { $0.noteArrival(5, isRepair: true) } == NackLedger.Verdicts())
  }

  @Test func memoryIsBoundedAndNothingIsForgottenUncounted() {
    let count = UInt32(NackLedger.memoryCount)
    let verdicts = Self.verdicts {
      $0.noteSent(Self.asked(0, count))
      for chunk in 0..<UInt64(count) { $0.noteArrival(chunk, isRepair: true) }
      $0.noteSent(Self.asked(count, count))
    }
    #expect(verdicts.necessaryNacks == 1 && verdicts.openNacks == 1)
    #expect(verdicts.necessaryChunks == UInt64(count) && verdicts.openChunks == UInt64(count))
  }

  /// Runs across pages, asked for again in other pieces, at the ends of the range: as if each asking stood
  /// alone.
  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func rangesAreJudgedAsSingleChunksAre(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var ledger = NackLedger()
    var plain = PlainLedger()
    let base: UInt64 = seed % 2 == 0 ? 0 : (1 << 32) - 64
    for _ in 0..<200 {
      let chunk = base + random.next() % 60
      if random.next() % 3 == 0 {
        let ranges = (0..<1 + random.next() % 3).map { _ in
          ChunkRange(
            first: UInt32(base + random.next() % 30),
            count: UInt32(1 + random.next() % (seed % 5 == 0 ? 30 : 3)))
        }
        ledger.noteSent(ranges)
        plain.nacks.append(ranges.flatMap { Array($0.chunks) })
        for chunk in plain.nacks[plain.nacks.count - 1] { plain.arrivals[chunk, default: []] += [] }
      } else {
        let isRepair = random.next() % 4 > 0
        ledger.noteArrival(chunk, isRepair: isRepair)
        plain.arrivals[chunk]?.append(isRepair)
      }
    }
    #expect(ledger.verdicts == plain.verdicts)
    #expect(plain.verdicts.necessaryChunks > 0 && plain.verdicts.spuriousChunks > 0)
  }
}

/// The rules of Specs/accounting.md §10, chunk by chunk.
private struct PlainLedger {
  var nacks: [[UInt64]] = []
  /// Of each chunk asked for: whether a repair, in order.
  var arrivals: [UInt64: [Bool]] = [:]

  var verdicts: NackLedger.Verdicts {
    var result = NackLedger.Verdicts()
    let askings = nacks.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
    var before: [UInt64: Int] = [:]
    for nack in nacks {
      var counts = (necessary: 0 as UInt64, spurious: 0 as UInt64, open: 0 as UInt64)
      for chunk in nack {
        let came = arrivals[chunk] ?? []
        let ordinal = before[chunk, default: 0]
        before[chunk] = ordinal + 1
        if came.isEmpty {
          counts.open += 1
        } else if came.contains(false) {
          counts.spurious += 1
        } else if ordinal > 0, (askings[chunk] ?? 0) - ordinal <= came.count - 1 {
          counts.spurious += 1
        } else {
          counts.necessary += 1
        }
      }
      result.necessaryChunks += counts.necessary
      result.spuriousChunks += counts.spurious
      result.openChunks += counts.open
      if counts.necessary > 0 {
        result.necessaryNacks += 1
      } else if counts.open > 0 {
        result.openNacks += 1
      } else {
        result.spuriousNacks += 1
      }
    }
    return result
  }
}
