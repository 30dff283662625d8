import Checksum
import FileSet
import Foundation
import Session
import Testing
import Wire

/// A file of Specs/vectors whose bytes are parts: chunks, or datagrams of which each begins with its direction.
private struct SpecVector {
  var fields: [String: String] = [:]
  var bytes: [UInt8] = []
  /// From the sender, and its bytes.
  var datagrams: [(isFromSender: Bool, bytes: [UInt8])] = []

  init(_ name: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "Specs/vectors/\(name).hex"), encoding: .utf8)
    var inBytes = false
    for line in text.split(separator: "\n") {
      var content = line.prefix { $0 != "#" }
      if !inBytes, let equals = content.firstIndex(of: "=") {
        fields[content[..<equals].trimmingCharacters(in: .whitespaces)] =
          content[content.index(after: equals)...].trimmingCharacters(in: .whitespaces)
      }
      if content == "bytes:" {
        inBytes = true
        continue
      }
      guard inBytes else { continue }
      if let direction = content.first, direction == ">" || direction == "<" {
        datagrams.append((direction == ">", []))
        content.removeFirst()
      }
      let added = try content.split(separator: " ").map { try #require(UInt8($0, radix: 16)) }
      bytes += added
      if !datagrams.isEmpty { datagrams[datagrams.count - 1].bytes += added }
    }
  }

  func numbers(_ key: String) throws -> [Int] {
    try #require(fields[key]).split(separator: " ").map { try #require(Int($0)) }
  }
}

@Suite struct SpecVectorTests {
  /// The folder of layout.hex.
  private func layoutFolder(_ scratch: StreamScratch, _ sizes: [Int]) throws -> String {
    var files: [String: [UInt8]] = [:]
    let names = sizes.indices.map { String(UnicodeScalar(UInt8(97 + $0))) }
    for (index, size) in sizes.enumerated() {
      files[names[index]] = (0..<size).map { UInt8(truncatingIfNeeded: 64 * index + $0) }
    }
    let folder = try scratch.folder("layout", files)
    for (index, name) in names.enumerated() {
      let time = timespec(tv_sec: index + 1, tv_nsec: 0)
      chmod("\(folder)/\(name)", 0o644)
      utimensat(AT_FDCWD, "\(folder)/\(name)", [time, time], 0)
    }
    return folder
  }

  @Test func aSenderCutsTheSetIntoTheseChunks() throws {
    let vector = try SpecVector("layout")
    let chunk = try vector.numbers("chunkByteCount")[0]
    let scratch = try StreamScratch()
    defer { withExtendedLifetime(scratch) {} }
    let folder = try layoutFolder(scratch, try vector.numbers("fileByteCounts"))
    let set = try FileScanner.scan(folder, options: ScanOptions(allFiles: true))
    let source = try SetSource(set, chunkByteCount: chunk)
    #expect(source.identity.description == vector.fields["setIdentity"])
    let counts = try vector.numbers("payloadByteCounts")
    #expect(source.layout.totalChunkCount == UInt64(counts.count))
    var buffer = [UInt8](repeating: 0, count: chunk * counts.count)
    var checksums: [UInt32] = []
    buffer.withUnsafeMutableBytes {
      source.read(
        first: 0, count: counts.count, into: $0, stride: chunk, payloadOffset: 0, checksums: &checksums)
    }
    let payloads = counts.indices.map { Array(buffer[chunk * $0..<chunk * $0 + counts[$0]]) }
    #expect(payloads.flatMap { $0 } == vector.bytes)
    #expect(checksums == payloads.map { CRC32.checksum($0.span) })
  }

  /// What was on the wire, given to a receiver once more: the same files, and an end that both sides know of.
  @Test func aRecordedSessionGivesItsFiles() throws {
    let vector = try SpecVector("session")
    let scratch = try StreamScratch()
    defer { withExtendedLifetime(scratch) {} }
    let inbox = try scratch.folder("inbox")
    let receiver = try Replay(vector, inbox: inbox)
    for datagram in vector.datagrams where datagram.isFromSender { try receiver.take(datagram.bytes) }
    guard case .ended(.completed(let complete, true)) = receiver.machine.phase else {
      Issue.record("\(receiver.machine.phase)")
      return
    }
    #expect(complete.status == .whole)
    for (index, size) in try vector.numbers("fileByteCounts").enumerated() {
      let expected = (0..<size).map { UInt8(truncatingIfNeeded: 31 * $0 + 7 + index) }
      #expect(FileManager.default.contents(atPath: "\(inbox)/\(index).jpg") == Data(expected))
    }
    // Each type that a session of chunks has.
    let types = Set(vector.datagrams.map { $0.bytes[2] })
    #expect(types == [1, 2, 3, 5, 6, 7, 8, 9, 10])
  }
}

/// A receiver without a socket.
private final class Replay {
  private(set) var machine: ReceiverMachine
  private var files: ReceivedSet?
  private let inbox: String
  private var now = Instant.zero

  init(_ vector: SpecVector, inbox: String) throws {
    self.inbox = inbox
    var receiverID: UInt64 = 0
    for datagram in vector.datagrams where !datagram.isFromSender {
      // What the receiver said can be read, too.
      let (_, message) = try ControlMessage.decode(datagram.bytes.span)
      if case .join(let join) = message { receiverID = join.receiverID }
    }
    machine = ReceiverMachine(.init(receiverID: receiverID, hostName: "replay"))
  }

  func take(_ datagram: [UInt8]) throws {
    now = now + .milliseconds(1)
    if datagram[2] == MessageType.data.rawValue {
      try takeData(datagram)
    } else {
      let (header, message) = try ControlMessage.decode(datagram.span)
      machine.handle(message, header: header, byteCount: datagram.count, now: now)
    }
    if machine.phase == .verifying, let outcome = files?.settle() {
      machine.handleVerified(
        verified: UInt32(outcome.verifiedFileCount), failed: UInt32(outcome.failures.count),
        status: outcome.isWhole ? .whole : .someFilesFailed, text: "", now: now)
    }
  }

  private func begin(_ announce: Announce, _ sessionID: UInt64) throws {
    let shape = try SetShape(
      identity: announce.setIdentity, fileByteCount: announce.totalFileByteCount,
      fileChunkCount: announce.fileChunkCount, manifestByteCount: Int(announce.manifestByteCount),
      fileCount: Int(announce.fileCount), chunkByteCount: Int(announce.chunkByteCount))
    files = try ReceivedSet(shape: shape, store: PartStore(inboxPath: inbox, sessionID: sessionID))
  }

  private func takeData(_ datagram: [UInt8]) throws {
    let data = try DataDatagram.decode(datagram.span)
    if files == nil,
      let announce = machine.announceBegun(bySessionID: data.sessionID, chunkIndex: data.chunkIndex)
    {
      try begin(announce, data.sessionID)
    }
    let fate = machine.handleData(
      sessionID: data.sessionID, packetNumber: data.packetNumber, chunkIndex: data.chunkIndex,
      timestamp: data.timestamp, grttCode: data.grttCode, isRepair: data.flags.contains(.repair),
      byteCount: datagram.count, canKeep: files != nil, now: now)
    guard fate == .keep, let files else { return }
    let accepted = try datagram.withUnsafeBytes { bytes in
      try [data.payloadChecksum].withUnsafeBufferPointer { checksums in
        try files.accept(
          first: data.chunkIndex, count: 1, base: try #require(bytes.baseAddress), stride: datagram.count,
          payloadOffset: DataHeader.byteCount, lastPayloadByteCount: data.payload.count,
          payloadChecksums: checksums)
      }
    }
    #expect(accepted == .accepted)
  }
}
