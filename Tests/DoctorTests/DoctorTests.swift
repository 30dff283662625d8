import Foundation
import Ground
import Doctor
import Testing

/// Interfaces as a folder of the test's own describes them, in the place of /sys.
@Suite struct DoctorTests {
  private func withHost<Value>(_ files: [String: String], _ body: (HostFiles) throws -> Value) throws -> Value
  {
    let root = NSTemporaryDirectory() + "doctor-test-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: root) }
    for (path, text) in files {
      let url = URL(fileURLWithPath: root + path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    return try body(HostFiles(root: root))
  }

  @Test func flagsAndKindsAreRead() throws {
    let net = "/sys/class/net"
    let files = [
      "\(net)/zz0/flags": "0x1003\n", "\(net)/zz0/mtu": "9000\n", "\(net)/zz0/type": "1\n",
      "\(net)/zz0/carrier": "0\n",
      "\(net)/zz1/flags": "0x1002\n", "\(net)/zz1/wireless/status": "", "\(net)/zz1/type": "1\n",
      "\(net)/zz2/flags": "0x10d1\n", "\(net)/zz2/type": "65534\n",
      "\(net)/docker9/flags": "0x1003\n", "\(net)/zz3/mtu": "1500\n", "\(net)/zz4/flags": "nonsense\n",
    ]
    let all = try withHost(files) { InterfaceFacts.all($0) }
    #expect(all.map(\.name) == ["docker9", "zz0", "zz1", "zz2"])
    #expect(all.map(\.isUp) == [true, true, false, true])
    #expect(all.map(\.canMulticast) == [true, true, true, true])
    #expect(all.map(\.canBroadcast) == [true, true, true, false])
    #expect(all.map(\.isWireless) == [false, false, true, false])
    #expect(all.map(\.virtualKind) == ["container bridge", nil, nil, "VPN tunnel"])
    #expect(all.map(\.mtuByteCount) == [1_500, 9_000, 1_500, 1_500])
    #expect(all.map(\.hasCarrier) == [true, false, true, true])
  }

  @Test func anInterfaceThatIsNotThereIsNamedWithThoseThatAre() throws {
    let findings = try withHost(["/sys/class/net/zz0/flags": "0x1003"]) {
      Doctor(DoctorRequest(mode: .multicast, host: "224.1.1.5", interface: "eth9"), files: $0).examine()
    }
    #expect(findings.map(\.status) == [.broken])
    #expect(findings.first?.text.contains("there are zz0") == true)
  }

  @Test func wirelessWarnsOfGroups() throws {
    // An address of loopback routes by “lo”, whatever this host has.
    let files = [
      "/sys/class/net/lo/flags": "0x1009", "/sys/class/net/lo/wireless/status": "",
      "/sys/class/net/lo/mtu": "65536",
    ]
    let findings = try withHost(files) {
      Doctor(DoctorRequest(mode: .multicast, host: "224.1.1.5", interface: "lo"), files: $0).examine()
    }
    #expect(findings.contains { $0.subject == "Wi-Fi" && $0.status == .doubtful && $0.mend != nil })
  }

  @Test func fragmentsThatFillTheMemoryAreSeen() throws {
    var files = ["/sys/class/net/lo/flags": "0x1009", "/proc/sys/net/ipv4/ipfrag_high_thresh": "4194304\n"]
    files["/proc/net/sockstat"] = "sockets: used 9\nFRAG: inuse 90 memory 4100000\n"
    let request = DoctorRequest(mode: .unicast, host: "127.0.0.1", protocolName: .naive)
    let full = try withHost(files) { Doctor(request, files: $0).examine() }
    #expect(full.first { $0.subject == "reassembly" }?.mend?.hasPrefix("sleep 30") == true)
    files["/proc/net/sockstat"] = "FRAG: inuse 0 memory 0\n"
    let empty = try withHost(files) { Doctor(request, files: $0).examine() }
    #expect(empty.first { $0.subject == "reassembly" }?.status == .fine)
  }

  @Test func everyFindingThatIsNotFineHasACommand() throws {
    let requests = [
      DoctorRequest(mode: .multicast, host: "10.0.0.1"), DoctorRequest(mode: .unicast, host: "224.1.1.5"),
      DoctorRequest(mode: .unicast, host: "no-such-host.invalid"),
      DoctorRequest(mode: .broadcast, host: "::1"),
      DoctorRequest(mode: .tcp, host: "127.0.0.1", protocolName: .naive),
      DoctorRequest(mode: .broadcast, host: "127.0.0.1"),
    ]
    for request in requests {
      let findings = Doctor(request).examine()
      #expect(!findings.isEmpty)
      #expect(findings.allSatisfy { $0.status == .fine || $0.mend?.isEmpty == false })
    }
    for request in requests.prefix(4) { #expect(Doctor(request).examine().contains { $0.status == .broken }) }
  }
}
