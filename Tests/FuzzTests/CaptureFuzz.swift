import Ground

#if canImport(Capture)  // Tools/fuzz compiles its files into the module
import Capture
#endif

/// A capture file, and its packets by themselves: an input whose first byte is odd is a list of packets, each
/// with its length before it, so that the fuzzer needs no header of a file.
func fuzzCapture(_ bytes: UnsafeBufferPointer<UInt8>) {
  guard let kind = bytes.first else { return }
  if kind & 1 == 0 {
    CaptureFuzzing.shared.read(Array(bytes.dropFirst()))
  } else {
    let types: [LinkType] = [.ethernet, .rawIP, .linuxCooked, .linuxCooked2, .rawIPv4]
    CaptureFuzzing.shared.tally(bytes, types[Int(kind >> 1) % types.count])
  }
}

private final class CaptureFuzzing {
  nonisolated(unsafe) static let shared = CaptureFuzzing()
  private static let port = 25_000
  private let file = FuzzFile()

  func read(_ bytes: [UInt8]) {
    file.write(bytes)
    guard let capture = try? CaptureFile(path: file.path),
      let tally = try? CaptureTally(file: capture, port: Self.port, mtuByteCount: 1_500)
    else { return }
    check(tally, packetCount: UInt64(capture.packetCount))
  }

  func tally(_ bytes: UnsafeBufferPointer<UInt8>, _ linkType: LinkType) {
    var script = FuzzScript(bytes)
    _ = script.byte()
    var tally = CaptureTally(linkType: linkType, port: Self.port, mtuByteCount: 1_500)
    var count: UInt64 = 0
    while !script.isOver {
      let length = Int(script.byte())
      let more = script.byte()
      let packet = (0..<length).map { _ in script.byte() }
      count += 1
      tally.add(
        CapturedPacket(bytes: packet, byteCount: more == 255 ? .max : UInt32(length) + UInt32(more & 7)))
    }
    tally.finish()
    check(tally, packetCount: count)
  }

  private func check(_ tally: CaptureTally, packetCount: UInt64) {
    precondition(tally.packetCount == packetCount)
    let counted = tally.counts.values.reduce(0) { $0 + $1.link.packets }
    precondition(counted == packetCount, "a packet under no kind, or under two")
    let byteCount = tally.counts.values.reduce(0) { $0 + $1.link.bytes }
    precondition(byteCount == tally.byteCount, "a packet's bytes under no kind, or under two")
  }
}
