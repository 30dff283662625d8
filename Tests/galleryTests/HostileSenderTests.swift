import Checksum
import FileSet
import Foundation
import Testing
import Wire

/// A sender that is not ours: it names files that would lie outside the inbox.
@Suite(.sideBySide) struct HostileSenderTests {
  @Test(arguments: ["../out.jpg", "/tmp/x.jpg", "a/../../b", "..", "a\u{0}b.jpg"])
  func aNameThatLeavesTheInboxIsRefused(name: String) async throws {
    let rig = Rig()
    let receiver = await rig.receive()
    var sender = try HostileSender(port: rig.port, name: name)
    // Its datagrams are sent again, as a real sender's are, until the receiver has seen through it.
    for _ in 0..<4_000 {
      if await receiver.wait(seconds: 0.02, until: { receiver.errors.contains("refused the name") }) { break }
      sender.send()
    }
    #expect(await receiver.wait() ?? 0 > 0)
    #expect(receiver.errors.contains("refused the name"))
    #expect(rig.inbox.isEmpty)
    #expect(!rig.scratch.names(in: "").contains { $0.hasSuffix("out.jpg") })
  }
}

/// Announces a set of one empty file, and sends its manifest.
private struct HostileSender: ~Copyable {
  private let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
  private var address = sockaddr_in()
  private let announce: Announce
  private let manifest: [UInt8]
  private let sessionID = UInt64.random(in: 1 ... .max)
  private var packetNumber: UInt32 = 0

  init(port: Int, name: String) throws {
    // A harmless manifest of the same length, in which the name is then exchanged.
    let harmless = String(repeating: "x", count: name.utf8.count)
    let entry = ManifestEntry(byteCount: 0, modificationTimeNanoseconds: 0, mode: 0o644, name: harmless)
    let bytes = try Manifest(entries: [entry]).encoded().dropLast(name.utf8.count) + Array(name.utf8)
    let identity = SetIdentity(of: bytes.span)
    manifest = bytes
    announce = Announce(
      setIdentity: identity,
      shape: SetShape(chunkByteCount: 1_000, manifestByteCount: bytes.count, fileByteCounts: [0]),
      groupSize: 1, timestamp: 0, options: [], grttCode: GrttCode(nanoseconds: 10_000_000),
      blockChunkCount: 0,
      maxParityCount: 0)
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  }

  deinit { close(descriptor) }

  /// The announce, and the manifest's chunk.
  mutating func send() {
    transmit(
      ControlMessage.announce(announce).encode(sessionID: sessionID, packetNumber: packetNumber, flags: []))
    var datagram = [UInt8](repeating: 0, count: DataHeader.byteCount) + manifest
    let checksum = CRC32.checksum(manifest.span)
    datagram.withUnsafeMutableBytes { raw in
      DataHeader.write(
        into: UnsafeMutableRawBufferPointer(rebasing: raw[..<DataHeader.byteCount]), sessionID: sessionID,
        packetNumber: packetNumber, flags: [], chunkIndex: 0, timestamp: 0, grttCode: announce.grttCode,
        payloadChecksum: checksum)
    }
    transmit(datagram)
  }

  private mutating func transmit(_ datagram: [UInt8]) {
    packetNumber += 1
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        _ = sendto(descriptor, datagram, datagram.count, 0, raw, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
