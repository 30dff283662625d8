import Ground
import Capture
import Testing
import Wire

@Suite struct CaptureTallyTests {
  private func tally(_ capture: PcapBytes) throws -> CaptureTally {
    try PcapBytes.withFile(capture.bytes) {
      try CaptureTally(file: try CaptureFile(path: $0), port: 25_000, mtuByteCount: 1_500)
    }
  }

  @Test func anImageInFragmentsIsOneDatagram() throws {
    var capture = PcapBytes()
    PcapBytes.fragments([UInt8](repeating: 0xFF, count: 45_000)).forEach { capture.add($0) }
    capture.add(PcapBytes.ethernet(PcapBytes.ip(PcapBytes.udp([]), protocolNumber: 17, id: 2)))
    let tally = try tally(capture)
    #expect(tally.counts[.naiveImage] == HeaderSizes().datagram(payloadByteCount: 45_000))
    #expect(tally.counts[.naiveEnd] == HeaderSizes().datagram(payloadByteCount: 0))
    #expect(tally.runs == [CapturedRun(protocolName: .naive, mode: .unicast): 2])
    #expect(tally.incompleteDatagramCount == 0)
  }

  @Test func captureOfTheWholeSetAgreesWithThePrediction() throws {
    var capture = PcapBytes()
    PcapBytes.fragments([UInt8](repeating: 0xFF, count: 45_000), to: [224, 1, 1, 5]).forEach {
      capture.add($0)
    }
    capture.add(
      PcapBytes.ethernet(PcapBytes.ip(PcapBytes.udp([]), protocolNumber: 17, to: [224, 1, 1, 5], id: 2)))
    let predictor = Predictor(
      set: AccountedSet(imageByteCounts: [45_000], manifestByteCount: 50), receiverCount: 3,
      sizes: HeaderSizes())
    let tally = try tally(capture)
    #expect(Reconciliation(predictor.predict(.naive, .multicast), tally, hasEthernet: true).agrees)
    // One fragment less, one byte less: seen.
    var less = PcapBytes()
    PcapBytes.fragments([UInt8](repeating: 0xFF, count: 45_000), to: [224, 1, 1, 5]).dropLast().forEach {
      less.add($0)
    }
    less.add(
      PcapBytes.ethernet(PcapBytes.ip(PcapBytes.udp([]), protocolNumber: 17, to: [224, 1, 1, 5], id: 2)))
    let cut = Reconciliation(predictor.predict(.naive, .multicast), try self.tally(less), hasEthernet: true)
    #expect(!cut.agrees)
    #expect(cut.hints.count == 1)
  }

  @Test(
    arguments: [
      ([10, 0, 0, 2], false, TransferMode.unicast), ([224, 1, 1, 5], false, .multicast),
      ([10, 0, 0, 255], true, .broadcast), ([255, 255, 255, 255], false, .broadcast),
    ] as [([UInt8], Bool, TransferMode)])
  func theModeIsToldByTheAddress(to: [UInt8], isBroadcastFrame: Bool, mode: TransferMode) throws {
    var capture = PcapBytes()
    capture.add(
      PcapBytes.ethernet(
        PcapBytes.ip(PcapBytes.udp([1]), protocolNumber: 17, to: to), broadcast: isBroadcastFrame))
    let run = try Reconciliation.run(in: try tally(capture), path: "x", port: 25_000)
    #expect(run == CapturedRun(protocolName: .naive, mode: mode))
  }

  @Test func chunkedMessagesAreToldByType() throws {
    let end = ControlMessage.end(
      End(round: 0, timestamp: 1, totalChunkCount: 2, grttCode: GrttCode(nanoseconds: 1_000)))
    var good = end.encode(sessionID: 1, packetNumber: 0)
    var capture = PcapBytes()
    capture.add(PcapBytes.ethernet(PcapBytes.ip(PcapBytes.udp(good), protocolNumber: 17)))
    good[25] ^= 1
    capture.add(PcapBytes.ethernet(PcapBytes.ip(PcapBytes.udp(good), protocolNumber: 17)))
    let tally = try tally(capture)
    #expect(tally.counts[.end]?.transport.packets == 1)
    #expect(tally.counts[.damaged]?.transport.packets == 1)
  }

  @Test func segmentsAreSortedAndRetransmissionsToldApart() throws {
    var capture = PcapBytes()
    let data = [UInt8](repeating: 7, count: 100)
    let segments: [(UInt32, UInt8, [UInt8])] = [
      (100, 0x02, []), (101, 0x10, []), (101, 0x18, data), (101, 0x18, data), (201, 0x19, data),
    ]
    for (sequence, flags, payload) in segments {
      capture.add(
        PcapBytes.ethernet(
          PcapBytes.ip(PcapBytes.tcp(payload, sequence: sequence, flags: flags), protocolNumber: 6)))
    }
    capture.add(
      PcapBytes.ethernet(
        PcapBytes.ip(PcapBytes.tcp([], sequence: 9, flags: 0x12, from: 25_000, to: 4_000), protocolNumber: 6))
    )
    capture.add(
      PcapBytes.ethernet(
        PcapBytes.ip(PcapBytes.tcp([], sequence: 10, flags: 0x11, from: 25_000, to: 4_000), protocolNumber: 6)
      ))
    let tally = try tally(capture)
    #expect(
      tally.counts.mapValues(\.transport.packets) == [
        .tcpSyn: 1, .tcpAck: 1, .tcpData: 2, .tcpRepeated: 1, .tcpSynAck: 1, .tcpFin: 1,
      ])
    #expect(tally.counts[.tcpData]?.payloadByteCount == 200)
    #expect(tally.finsOnData == 1)
    #expect(tally.runs.keys.first == CapturedRun(protocolName: .naive, mode: .tcp))
  }

  @Test func otherTrafficIsCountedApartAndNothingIsLost() throws {
    var capture = PcapBytes()
    capture.add(PcapBytes.ethernet([UInt8](repeating: 0, count: 28), type: 0x0806))
    capture.add(PcapBytes.ethernet([UInt8](repeating: 0x60, count: 60), type: 0x86DD))
    capture.add(PcapBytes.ethernet(PcapBytes.ip([0x22, 0, 0, 0], protocolNumber: 2)))
    capture.add(PcapBytes.ethernet(PcapBytes.ip(PcapBytes.udp([1], to: 53), protocolNumber: 17)))
    let tally = try tally(capture)
    #expect(tally.counts.mapValues(\.link.packets) == [.arp: 1, .ipv6: 1, .igmp: 1, .otherUDP: 1])
    #expect(tally.counts.values.reduce(LayerCounts.none, +).link.bytes == tally.byteCount)
    #expect(throws: CaptureError.nothingOfOurs(path: "x", port: 25_000, packets: 4)) {
      try Reconciliation.run(in: tally, path: "x", port: 25_000)
    }
  }

  /// 101 raw IP, 113 and 276 Linux cooked: the same datagram behind other headers.
  @Test(arguments: [(UInt32(101), 0), (113, 16), (276, 20), (228, 0)])
  func linkTypes(number: UInt32, header: Int) throws {
    var capture = PcapBytes(linkType: number)
    var head = [UInt8](repeating: 0, count: header)
    if number == 113 { head[14] = 8 }
    if number == 276 { head[0] = 8 }
    capture.add(head + PcapBytes.ip(PcapBytes.udp([1, 2, 3]), protocolNumber: 17))
    #expect(try tally(capture).counts[.naiveImage]?.payloadByteCount == 3)
  }

  @Test func littleEndianFilesAreReadToo() throws {
    var capture = PcapBytes()
    capture.add(PcapBytes.ethernet(PcapBytes.ip(PcapBytes.udp([1]), protocolNumber: 17)))
    var swapped = capture.bytes
    for offset in stride(from: 0, to: 40, by: 4) where offset != 4 { swapped[offset..<offset + 4].reverse() }
    for offset in [4, 6] { swapped[offset..<offset + 2].reverse() }  // the version: two numbers of 16 bits
    let count = try PcapBytes.withFile(swapped) {
      try CaptureTally(file: try CaptureFile(path: $0), port: 25_000, mtuByteCount: 1_500).counts[
        .naiveImage]?.transport.packets
    }
    #expect(count == 1)
  }

  /// tshark and Wireshark write pcapng; what it says is what pcap says of the same packets.
  @Test(arguments: [false, true])
  func pcapngIsReadToo(isLittleEndian: Bool) throws {
    let packets = PcapBytes.fragments([UInt8](repeating: 0xFF, count: 45_000))
    var capture = PcapBytes()
    packets.forEach { capture.add($0) }
    let tally = try PcapBytes.withFile(PcapngBytes.file(packets, isLittleEndian: isLittleEndian)) {
      try CaptureTally(file: try CaptureFile(path: $0), port: 25_000, mtuByteCount: 1_500)
    }
    #expect(tally.counts == (try self.tally(capture)).counts)
    #expect(tally.counts[.naiveImage] == HeaderSizes().datagram(payloadByteCount: 45_000))
  }

  @Test(
    arguments: [
      ([], "is no pcap or pcapng file"), ([UInt8](repeating: 0x41, count: 100), "is no pcap or pcapng file"),
      (PcapBytes.u32(0x0A0D_0D0A) + [UInt8](repeating: 0, count: 40), "is no pcap or pcapng file"),
      (PcapBytes(linkType: 9).bytes, "has link type 9, which is not read here"),
      (PcapBytes().bytes.dropLast(1).map { $0 }, "is no pcap or pcapng file"),
    ] as [([UInt8], String)])
  func whatIsNoCaptureIsSaid(bytes: [UInt8], text: String) throws {
    try PcapBytes.withFile(bytes) { path in
      let thrown = #expect(throws: CaptureError.self) { _ = try CaptureFile(path: path) }
      #expect(thrown?.description.hasPrefix("\(path) \(text)") == true, "\(String(describing: thrown))")
    }
  }

  @Test func aMissingCaptureIsOneLine() {
    #expect(throws: CaptureError.cannotRead(path: "/no/such.pcap", reason: "No such file or directory")) {
      _ = try CaptureFile(path: "/no/such.pcap")
    }
  }

  @Test func aCaptureThatWasCutOffIsReadAsFarAsItGoes() throws {
    var capture = PcapBytes()
    capture.add(PcapBytes.ethernet(PcapBytes.ip(PcapBytes.udp([1]), protocolNumber: 17)))
    capture.add(PcapBytes.ethernet(PcapBytes.ip(PcapBytes.udp([2]), protocolNumber: 17)))
    try PcapBytes.withFile(Array(capture.bytes.dropLast(3))) { path in
      let file = try CaptureFile(path: path)
      #expect(try file.next() != nil)
      #expect(try file.next() == nil)
      #expect(file.isCutShort)
    }
  }

  @Test func aRecordThatClaimsTooMuchIsAnError() throws {
    let bytes =
      PcapBytes().bytes + [UInt8](repeating: 0, count: 8) + PcapBytes.u32(0x7FFF_FFFF) + PcapBytes.u32(60)
    try PcapBytes.withFile(bytes) { path in
      let file = try CaptureFile(path: path)
      #expect(throws: CaptureError.self) { try file.next() }
    }
  }

  /// Every prefix of a capture, every capture with one byte changed, and captures with several changed at
  /// random end without a trap and lose no packet.
  @Test(arguments: [false, true])
  func hostileBytesNeverTrap(isPcapng: Bool) throws {
    var packets = PcapBytes.fragments([UInt8](repeating: 0x47, count: 1_600))
    packets.append(
      PcapBytes.ethernet(
        PcapBytes.ip(PcapBytes.udp([0x47, 1, 3] + [UInt8](repeating: 0, count: 30)), protocolNumber: 17)))
    for (payload, sequence) in [([1], UInt32.max), ([2], 0)] as [([UInt8], UInt32)] {
      packets.append(
        PcapBytes.ethernet(
          PcapBytes.ip(PcapBytes.tcp(payload, sequence: sequence, flags: 0x18), protocolNumber: 6)))
    }
    var capture = PcapBytes()
    packets.forEach { capture.add($0, kept: 60) }
    let bytes = isPcapng ? PcapngBytes.file(packets, kept: 60) : capture.bytes
    for length in bytes.indices { try readHostile(Array(bytes.prefix(length))) }
    for index in bytes.indices {
      for value: UInt8 in [0, 0x0F, 0xFF] {
        var changed = bytes
        changed[index] = value
        try readHostile(changed)
      }
    }
    var random = SplitMix64(seed: 11)
    for _ in 0..<2_000 {
      var changed = bytes
      for _ in 0..<4 {
        changed[Int(random.next() % UInt64(changed.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      try readHostile(changed)
    }
  }

  private func readHostile(_ bytes: [UInt8]) throws {
    try PcapBytes.withFile(bytes) { path in
      guard let file = try? CaptureFile(path: path),
        let tally = try? CaptureTally(file: file, port: 25_000, mtuByteCount: 1_500)
      else { return }
      #expect(
        tally.counts.values.reduce(LayerCounts.none, +).link
          == PacketCount(packets: tally.packetCount, bytes: tally.byteCount))
    }
  }
}
