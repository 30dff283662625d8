private import CPcap
import Testing
import Trace

struct PcapWriterTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("run.pcap")
  }

  struct Packet { var bytes: [UInt8], seconds: Int, nanoseconds: Int }

  /// What libpcap reads back.
  private func packets() throws -> [Packet] {
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    let handle = try #require(
      pcap_open_offline_with_tstamp_precision(path, UInt32(PCAP_TSTAMP_PRECISION_NANO), &message))
    defer { pcap_close(handle) }
    #expect(pcap_datalink(handle) == 12, "DLT_RAW")
    var result: [Packet] = []
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var bytes: UnsafePointer<UInt8>?
    while pcap_next_ex(handle, &header, &bytes) == 1, let record = header?.pointee {
      #expect(record.caplen == record.len)
      result.append(
        Packet(
          bytes: Array(UnsafeBufferPointer(start: bytes, count: Int(record.caplen))),
          seconds: record.ts.tv_sec,
          nanoseconds: record.ts.tv_usec))
    }
    return result
  }

  private func write(_ body: (SessionTracer) -> Void) throws -> [Packet] {
    let tracer = try SessionTracer(TraceOptions(pcapPath: path), role: .sender, name: "", now: 0)
    body(tracer)
    #expect(tracer.close().isEmpty)
    return try packets()
  }

  private let here = PacketEndpoint(address: [10, 0, 0, 1], port: 40_000)
  private let there = PacketEndpoint(address: [10, 0, 0, 2], port: 25_000)

  /// The one's complement sum, RFC 1071: 0xFFFF over a header whose checksum is right.
  private func sum(_ bytes: some Collection<UInt8>, start: Int = 0) -> Int {
    let bytes = Array(bytes) + (bytes.count % 2 == 1 ? [0] : [])
    var total =
      start
      + stride(from: 0, to: bytes.count, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }.reduce(0, +)
    while total > 0xFFFF { total = (total & 0xFFFF) + (total >> 16) }
    return total
  }

  @Test(arguments: [0, 1, 20, 1_472, 65_507])
  func ipv4HeadersAreWhatTheKernelWrites(byteCount: Int) throws {
    let payload = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0) }
    let packet = try #require(try write { $0.captured(payload, from: here, to: there, at: 0) }.first).bytes
    #expect(packet.count == 28 + byteCount)
    #expect(packet[0] == 0x45)
    #expect(Int(packet[2]) << 8 | Int(packet[3]) == packet.count)
    #expect(packet[9] == 17)
    #expect(sum(packet[..<20]) == 0xFFFF)
    #expect(Array(packet[12..<20]) == here.address + there.address)
    #expect(
      Array(packet[20..<28]) == [
        0x9C, 0x40, 0x61, 0xA8, UInt8((8 + byteCount) >> 8), UInt8((8 + byteCount) & 255), 0, 0,
      ])
    #expect(Array(packet[28...]) == payload)
  }

  @Test(arguments: [1, 2, 1_452])
  func ipv6HasAChecksumOverEverything(byteCount: Int) throws {
    let here = PacketEndpoint(address: [0xFD, 0x77] + [UInt8](repeating: 0, count: 13) + [1], port: 40_000)
    let there = PacketEndpoint(
      address: [0xFD, 0x77] + [UInt8](repeating: 0, count: 13) + [0x11], port: 25_000)
    let payload = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let packet = try #require(try write { $0.captured(payload, from: here, to: there, at: 0) }.first).bytes
    #expect(packet.count == 48 + byteCount)
    #expect(packet[0] >> 4 == 6)
    #expect(Int(packet[4]) << 8 | Int(packet[5]) == 8 + byteCount)
    // Addresses, UDP length, next header, and the datagram: RFC 8200 §8.1.
    #expect(sum(packet[8...], start: 8 + byteCount + 17) == 0xFFFF)
  }

  /// The ECN field is the lowest two bits of the type of service and of the traffic class, RFC 3168 §5.
  @Test(arguments: [0, 2, 3] as [UInt8])
  func theCongestionFieldIsInTheHeaders(field: UInt8) throws {
    let packet = try #require(
      try write { $0.captured([1], from: here, to: there, congestionField: field, at: 0) }.first
    ).bytes
    #expect(packet[1] == field)
    #expect(sum(packet[..<20]) == 0xFFFF)
    let six = PacketEndpoint(address: [UInt8](repeating: 1, count: 16), port: 1)
    let other = try #require(
      try write { $0.captured([1], from: six, to: six, congestionField: field, at: 0) }.first
    ).bytes
    #expect(other[0] == 0x60 && other[1] == field << 4)
  }

  @Test func mappedAddressesAreIPv4() throws {
    let mapped = PacketEndpoint(
      address: [UInt8](repeating: 0, count: 10) + [255, 255, 10, 0, 0, 2], port: 25_000)
    #expect(mapped == there)
    #expect(try write { $0.captured([1], from: here, to: mapped, at: 0) }.count == 1)
  }

  @Test func endsOfTwoFamiliesMakeNoPacket() throws {
    let other = PacketEndpoint(address: [UInt8](repeating: 1, count: 16), port: 1)
    #expect(try write { $0.captured([1], from: here, to: other, at: 0) }.isEmpty)
  }

  @Test func timeIsTheTimeOfDayToTheNanosecond() throws {
    let found = try write {
      $0.captured([1], from: here, to: there, at: 0)
      $0.captured([2], from: here, to: there, at: 1_000_000_001)
    }
    try #require(found.count == 2)
    let apart =
      (found[1].seconds - found[0].seconds) * 1_000_000_000 + found[1].nanoseconds - found[0].nanoseconds
    #expect(apart == 1_000_000_001)
    #expect(found[0].seconds > 1_700_000_000)
  }

  @Test func theSamePortTwiceAndManyPackets() throws {
    let found = try write { tracer in
      for i in 0..<2_000 {
        tracer.captured(
          [UInt8(i % 256)], from: i % 2 == 0 ? here : there, to: i % 2 == 0 ? there : here, at: UInt64(i))
      }
    }
    #expect(found.count == 2_000)
    #expect(found.map { $0.bytes[28] } == (0..<2_000).map { UInt8($0 % 256) })
    let identifications = found.map { Int($0.bytes[4]) << 8 | Int($0.bytes[5]) }
    #expect(identifications == Array(0..<2_000))
  }

  @Test func aFileThatCannotBeOpenedIsOneLine() {
    let error = #expect(throws: TraceError.self) {
      _ = try SessionTracer(TraceOptions(pcapPath: "/nonexistent/run.pcap"), role: .sender, name: "", now: 0)
    }
    #expect(
      error?.description
        == "cannot write to /nonexistent/run.pcap: No such file or directory; name another file")
  }

  @Test func aFullDiskIsSaidAtTheEnd() throws {
    let tracer = try SessionTracer(TraceOptions(pcapPath: "/dev/full"), role: .sender, name: "", now: 0)
    for _ in 0..<100 { tracer.captured([UInt8](repeating: 0, count: 1_400), from: here, to: there, at: 0) }
    #expect(tracer.close().map(\.description).allSatisfy { $0.hasPrefix("writing /dev/full stopped: ") })
    let again = try SessionTracer(TraceOptions(pcapPath: "/dev/full"), role: .sender, name: "", now: 0)
    again.captured([1], from: here, to: there, at: 0)
    #expect(again.close().count == 1, "also when nothing was flushed before the end")
  }
}
