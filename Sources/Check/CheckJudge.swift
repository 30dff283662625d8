import Figures
import FileSet
import Ground

/// Compares what a run left with what its case expects.
package enum CheckJudge {
  /// The largest datagram that UDP over IPv4 carries, Specs/naive.md §3.
  private static let datagramByteLimit = 65_507

  /// What is wrong, in plain sentences.
  package static func faults(_ one: CheckCase, _ traces: CheckTraces) -> [String] {
    switch one.expectation {
    case .whole: whole(one, traces)
    case .without(let names): without(names, one, traces)
    case .nothing: nothing(traces, mayWait: false)
    case .refusal: nothing(traces, mayWait: true)
    case .images: images(one, traces)
    case .datagrams(let seconds): datagrams(one, traces, afterSeconds: seconds)
    case .onlyImages: onlyImages(one, traces)
    }
  }

  private static func whole(_ one: CheckCase, _ traces: CheckTraces) -> [String] {
    var faults = ending(traces, mustFail: false)
    faults += contents(one.contents, ReceivedFiles.read(traces.inbox))
    // When both fail, the program's own exit code says enough.
    guard traces.programStatus == 0, traces.gallerySideStatus != 0 else { return faults }
    let name = one.side == .receiver ? "gallery send" : "gallery receive"
    let end = traces.gallerySideStatus.map { "ended with exit code \($0)" } ?? "still waits"
    let reason =
      one.side == .receiver
      ? "it has no proof that every file arrived" : "it was not told that the session is over"
    return faults + ["\(name) \(end), although the program ended with 0: \(reason)"]
  }

  private static func without(_ names: [String], _ one: CheckCase, _ traces: CheckTraces) -> [String] {
    let found = ReceivedFiles.read(traces.inbox)
    let damaged = names.filter { found[$0] != nil }.map {
      "\($0.printable) is there, although it arrived damaged"
    }
    let others = one.contents.filter { !names.contains($0.key) }
    return ending(traces, mustFail: true) + damaged
      + contents(others, found.filter { !names.contains($0.key) })
  }

  private static func nothing(_ traces: CheckTraces, mayWait: Bool) -> [String] {
    let outside = ReceivedFiles.strangers(beside: traces.inbox).map {
      "it wrote \($0.printable), outside its folder"
    }
    let inside = ReceivedFiles.read(traces.inbox).keys.sorted().map { "\($0.printable) is in its folder" }
    let waits = mayWait && traces.programStatus == nil && traces.gallerySideStatus != nil
    return (waits ? [] : ending(traces, mustFail: true)) + outside + inside
  }

  private static func images(_ one: CheckCase, _ traces: CheckTraces) -> [String] {
    let expected = Array(traces.delivered.prefix { !$0.isEmpty })
    let found = ReceivedFiles.read(traces.inbox)
    let names = found.keys.sorted(by: NaturalOrder.isAscending)
    // A program that knows of a lost image may say so.
    let hasLost = one.streamRules.contains { $0.change == .cut(isReset: true) }
    var faults = hasLost && traces.programStatus != nil ? [] : ending(traces, mustFail: false)
    if traces.answerByteCount > 0 {
      faults.append("it sent \(traces.answerByteCount) bytes to the sender; a receiver sends none")
    }
    guard names.count == expected.count else {
      let count = "\(expected.count) images were handed to it, and \(names.count) are in its folder"
      return faults + [count]
    }
    for (place, (name, bytes)) in zip(names, expected).enumerated() {
      guard let problem = difference(found[name] ?? [], bytes) else { continue }
      return faults + ["\(name.printable) is not \(unit(one)) \(place) as it was handed on: \(problem)"]
    }
    return faults
  }

  private static func datagrams(
    _ one: CheckCase, _ traces: CheckTraces, afterSeconds: Double
  ) -> [String] {
    var faults = ending(traces, mustFail: false)
    let images = traces.arrived.filter { !$0.isEmpty }
    let missing = one.files.filter { !images.contains($0.bytes) }
    faults += missing.map { "no \(unit(one)) has the bytes of \($0.name), and nothing else" }
    if missing.isEmpty, images.count != one.files.count {
      faults.append("it sent \(images.count) \(unit(one))s with bytes for \(one.files.count) images")
    }
    let endCount = traces.arrived.count - images.count
    if endCount != 1 || traces.arrived.last?.isEmpty != true {
      faults.append("it sent \(endCount) empty \(unit(one))s; one is right, behind the images")
    } else if traces.lastGapSeconds < afterSeconds {
      let gap = HumanText.fixed(traces.lastGapSeconds, 2)
      faults.append("its end marker came \(gap) s behind the last image")
    }
    return faults
  }

  private static func onlyImages(_ one: CheckCase, _ traces: CheckTraces) -> [String] {
    let sendable = one.files.map(\.bytes).filter { !$0.isEmpty && $0.count <= datagramByteLimit }
    let strange = traces.arrived.filter { !$0.isEmpty && !sendable.contains($0) }
    var faults = traces.programStatus == nil ? ending(traces, mustFail: true) : []
    faults += strange.map { "it sent a datagram of \($0.count) bytes that is no whole image" }
    if let end = traces.arrived.firstIndex(of: []), end < traces.arrived.count - 1 {
      faults.append("it sent an empty datagram, which ends the session, in front of others")
    }
    return faults
  }

  /// What carries an image.
  private static func unit(_ one: CheckCase) -> String { one.mode == .tcp ? "connection" : "datagram" }

  /// How the program under test ended. `mustFail`: it misses a file.
  private static func ending(_ traces: CheckTraces, mustFail: Bool) -> [String] {
    guard let status = traces.programStatus else {
      if let other = traces.gallerySideStatus, other != 0 {
        return ["it had not ended when Gallery's side gave up, with exit code \(other)"]
      }
      return ["it did not end within \(Int(traces.limitSeconds.rounded(.up))) s"]
    }
    switch (status == 0, mustFail) {
    case (true, true): return ["it ended with exit code 0, as if every file had arrived"]
    case (false, false): return ["it ended with exit code \(status)"]
    default: return []
    }
  }

  /// What differs between the files that are wanted and those that were found.
  private static func contents(_ wanted: [String: [UInt8]], _ found: [String: [UInt8]]) -> [String] {
    var faults: [String] = []
    for (name, bytes) in wanted.sorted(by: { $0.key < $1.key }) {
      guard let there = found[name] else {
        faults.append("\(name.printable) is missing")
        continue
      }
      if let problem = difference(there, bytes) { faults.append("\(name.printable): \(problem)") }
    }
    let strangers = found.keys.filter { wanted[$0] == nil }.sorted()
    faults += strangers.map { "\($0.printable) is there, and nobody sent it" }
    return faults.count > 4 ? Array(faults.prefix(3)) + ["and \(faults.count - 3) more"] : faults
  }

  /// Nil when they are equal.
  private static func difference(_ found: [UInt8], _ wanted: [UInt8]) -> String? {
    guard found != wanted else { return nil }
    let place = zip(found, wanted).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    let from = place ?? min(found.count, wanted.count)
    return "it has \(found.count) bytes of \(wanted.count), and differs from byte \(from) on"
  }
}
