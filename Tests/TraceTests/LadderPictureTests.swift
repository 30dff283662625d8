import Figures
import Foundation
import Testing
import Trace

struct LadderPictureTests {
  private func picture(_ ladder: Ladder, _ view: LadderView = .firstLoss) throws -> String {
    var picture = try LadderPicture(ladder, view)
    return picture.document()
  }

  private func lostNack() throws -> Ladder {
    let sides = try TwoSides()
    sides.loseTheFirstNack()
    return try sides.ladder()
  }

  /// The picture tells a stranger which NACK was lost, and what happened then.
  @Test func theLostNackIsTold() throws {
    let text = try picture(try lostNack())
    for words in [
      "data, chunk 1: dropped on purpose", "NACK 1 asks for chunk 1", "NACK 1: dropped on purpose",
      "NACK 2 asks for chunk 1", "repair notice", "repair, chunk 1",
      "Chunk 1 was lost: dropped on purpose by the sender. NACK 1 asked for it, but this NACK was lost: dropped on purpose when it reached the sender. 10.0 ms later NACK 2 asked again, and reached the sender. The repair arrived 18.0 ms after the chunk was sent.",
    ] { #expect(text.contains(words), "\(words)") }
  }

  /// The chunk, both NACKs, the notice and the repair, and what else has none of it.
  @Test func oneColourJoinsALossAndItsRepair() throws {
    let text = try picture(try lostNack())
    let arrows = text.split(separator: "\n").filter {
      $0.hasPrefix("<line") && $0.contains(PlotColor.vermilion.rawValue) && !$0.contains("stroke-width=\"3\"")
    }
    #expect(arrows.count == 5)
    #expect(
      Set(arrows.compactMap { $0.components(separatedBy: "stroke-width=").last }).count == 4,
      "four kinds, four looks")
  }

  @Test func theFileIsXML() throws {
    let parser = XMLDocumentCheck(try picture(try lostNack()))
    #expect(parser.isSound)
  }

  @Test func tenThousandDatagramsMakeAFewRows() throws {
    let sides = try TwoSides()
    for number in UInt32(0)..<10_000 {
      sides.there(Datagrams.data(number, chunk: number), at: UInt64(number), dropped: number % 50 == 7)
    }
    let ladder = try sides.ladder()
    let whole = try picture(ladder)
    #expect(whole.contains("later datagrams left out"))
    #expect(whole.count < 40_000)
    let part = try picture(ladder, .times(from: 5_000, to: 5_100))
    #expect(
      part.contains("5,000 earlier datagrams left out") && part.contains("4,899 later datagrams left out"))
    #expect(part.contains("data, chunks 5008–5056") && part.contains("data, chunk 5057: dropped on purpose"))
    #expect(try picture(ladder, .chunk(757)).contains("Chunk 757 was lost"))
  }

  @Test func nothingToDrawIsSaid() throws {
    let ladder = try lostNack()
    #expect(throws: FigureError.cannotPlot(reason: "the trace has no chunk 99")) {
      try picture(ladder, .chunk(99))
    }
    #expect(throws: FigureError.cannotPlot(reason: "the trace has no datagram in this time")) {
      try picture(ladder, .times(from: 500, to: nil))
    }
  }

  @Test func oneSideSaysThatTheOtherIsMissing() throws {
    let sides = try TwoSides()
    sides.loseTheFirstNack()
    sides.close()
    #expect(try picture(try Ladder(path: sides.senderPath)).contains("receiver (no trace)"))
    #expect(try picture(try Ladder(path: sides.receiverPath)).contains("sender (no trace)"))
  }

  /// A later NACK asks for an old chunk and for new ones: each keeps its own story.
  @Test func chunksOfOneNackKeepTheirStories() throws {
    let sides = try TwoSides()
    for chunk in UInt32(0)..<3 {
      sides.there(Datagrams.data(chunk, chunk: chunk), at: UInt64(chunk), dropped: chunk > 0)
    }
    sides.back(Datagrams.nack(0, [(1, 1)]), at: 4, dropped: true)
    sides.back(Datagrams.nack(1, [(1, 2)]), at: 8)
    sides.there(Datagrams.data(3, chunk: 1, isRepair: true), at: 10)
    sides.there(Datagrams.data(4, chunk: 2, isRepair: true), at: 10)
    sides.back(Datagrams.report(2, held: 3), at: 12)
    let text = try picture(try sides.ladder())
    #expect(text.contains("Chunk 1 was lost") && text.contains("Chunk 2 was lost"))
    #expect(text.contains("NACK 1 asks for chunks 1–2"))
  }

  @Test(arguments: [
    #"{"type":"nack","packet_number":18446744073709551615,"receiver":"a","ranges":[[0,18446744073709551615],[18446744073709551615,18446744073709551615],[5]],"chunks":1}"#,
    #"{"type":"data","packet_number":0,"chunk":18446744073709551615}"#,
    #"{"type":"<&\u0000\"","packet_number":0}"#,
  ])
  func aHostileFileTrapsNothing(data: String) throws {
    let sides = try TwoSides()
    sides.there(Datagrams.data(0, chunk: 0), at: 0)
    sides.close()
    let whole = try String(contentsOfFile: sides.senderPath, encoding: .utf8)
    let fields = data.dropFirst()
    let events = [-1e15, 0, 1e15].map { time in
      ["sent\",\"data\":{", "dropped\",\"data\":{\"direction\":\"incoming\",\"cause\":\"listed\","].map {
        "\u{1E}{\"time\":\(time),\"name\":\"gallery:datagram_\($0)\(fields)}\n"
      }.joined()
    }
    try (whole + events.joined()).write(toFile: sides.senderPath, atomically: true, encoding: .utf8)
    for path in [sides.receiverPath, nil] {
      let ladder = try Ladder(path: sides.senderPath, other: path)
      for view in [LadderView.firstLoss, .times(from: nil, to: nil), .chunk(0)] {
        let text = try picture(ladder, view)
        #expect(XMLDocumentCheck(text).isSound)
        #expect(text.count < 40_000)
      }
    }
  }
}
