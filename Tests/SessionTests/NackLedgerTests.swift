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
}
