import Check
import Foundation
import Ground
import Testing

/// What is wrong with what a run left.
@Suite final class CheckJudgeTests {
  private let place = NSTemporaryDirectory() + "gallery-judge-\(UUID().uuidString)"
  private var inbox: String { place + "/inbox" }

  init() throws { try FileManager.default.createDirectory(atPath: inbox, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: place) }

  private func find(
    _ name: String, _ side: CheckedSide = .receiver, _ protocolName: TransferProtocol = .chunked
  ) throws -> CheckCase {
    try #require(CheckCase.all(side, protocolName).first { $0.name == name })
  }

  /// Stores the case's files, changed by `change`.
  private func store(_ one: CheckCase, change: (inout [UInt8], String) -> Void = { _, _ in }) throws {
    for file in one.files {
      var bytes = file.bytes
      change(&bytes, file.name)
      try Data(bytes).write(to: URL(fileURLWithPath: "\(inbox)/\(file.name)"))
    }
  }

  private func traces(program: Int32? = 0, gallery: Int32? = 0) -> CheckTraces {
    var traces = CheckTraces(inbox: inbox, limitSeconds: 20)
    traces.programStatus = program
    traces.gallerySideStatus = gallery
    return traces
  }

  @Test func aWholeSetHasNoFault() throws {
    let one = try find("whole")
    try store(one)
    try Data().write(to: URL(fileURLWithPath: "\(inbox)/.part"))
    #expect(CheckJudge.faults(one, traces()) == [])
  }

  @Test func eachFaultIsNamed() throws {
    let one = try find("whole")
    try store(one) { bytes, name in if name == "b.bin" { bytes[1_000] ^= 1 } }
    try FileManager.default.removeItem(atPath: "\(inbox)/c.bin")
    try Data([1]).write(to: URL(fileURLWithPath: "\(inbox)/d.bin"))
    #expect(
      CheckJudge.faults(one, traces(program: 3)) == [
        "it ended with exit code 3", "b.bin: it has 4000 bytes of 4000, and differs from byte 1000 on",
        "c.bin is missing", "d.bin is there, and nobody sent it",
      ])
  }

  /// A program that ends with 0 has to convince Gallery's side too.
  @Test(arguments: [3, nil] as [Int32?])
  func theOtherSideMustAgree(status: Int32?) throws {
    let one = try find("whole")
    try store(one)
    let faults = CheckJudge.faults(one, traces(gallery: status))
    #expect(faults.count == 1 && faults[0].hasPrefix("gallery send "))
  }

  @Test func aProgramThatHangsIsNamed() throws {
    let one = try find("whole")
    try store(one)
    #expect(CheckJudge.faults(one, traces(program: nil, gallery: nil)) == ["it did not end within 20 s"])
  }

  @Test func aDamagedFileMustNotAppear() throws {
    let one = try find("wrong-digest")
    try store(one)
    let faults = CheckJudge.faults(one, traces())
    #expect(faults.contains("b.bin is there, although it arrived damaged"))
    #expect(faults.contains("it ended with exit code 0, as if every file had arrived"))
    try FileManager.default.removeItem(atPath: "\(inbox)/b.bin")
    #expect(CheckJudge.faults(one, traces(program: 3)) == [])
  }

  @Test func aFileOutsideTheFolderIsFound() throws {
    let one = try find("hostile-name")
    #expect(CheckJudge.faults(one, traces(program: 3)) == [])
    try Data().write(to: URL(fileURLWithPath: "\(place)/escaped.bin"))
    #expect(CheckJudge.faults(one, traces(program: 3)) == ["it wrote escaped.bin, outside its folder"])
  }

  /// The names are those of the program, and their numbers give the order.
  @Test func imagesAreComparedInTheOrderOfTheirNumbers() throws {
    let one = try find("lost-image", .receiver, .naive)
    var traces = traces()
    traces.delivered = (0..<12).map { [UInt8($0)] } + [[], [99]]
    for number in 0..<12 {
      try Data([UInt8(number)]).write(to: URL(fileURLWithPath: "\(inbox)/\(number).jpg"))
    }
    #expect(CheckJudge.faults(one, traces) == [])
    try FileManager.default.removeItem(atPath: "\(inbox)/11.jpg")
    #expect(
      CheckJudge.faults(one, traces) == ["12 images were handed to it, and 11 are in its folder"])
  }

  @Test func datagramsOfASenderAreComparedWithItsFiles() throws {
    let one = try find("the-wait", .sender, .naive)
    var traces = traces()
    traces.arrived = one.files.reversed().map(\.bytes) + [[]]
    traces.lastGapSeconds = 3
    #expect(CheckJudge.faults(one, traces) == [])
    traces.lastGapSeconds = 0.5
    #expect(CheckJudge.faults(one, traces) == ["its end marker came 0.50 s behind the last image"])
    traces.arrived.append([])
    #expect(CheckJudge.faults(one, traces).first?.hasPrefix("it sent 2 empty datagrams") == true)
  }
}
