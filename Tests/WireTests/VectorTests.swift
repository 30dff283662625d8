import Checksum
import Foundation
import Testing
import Wire

/// Specs/vectors, both ways: bytes to values and values to the same bytes.
@Suite struct VectorTests {
  @Test(arguments: Vector.datagramNames.filter { $0 != "data" && $0 != "parity" })
  func controlMessages(name: String) throws {
    let vector = try Vector(name)
    let message = try vector.message()
    let (header, decoded) = try ControlMessage.decode(vector.bytes.span)
    #expect(decoded == message)
    #expect(header.sessionID == (try vector.number("sessionID")))
    #expect(header.packetNumber == (try vector.number("packetNumber")))
    #expect(header.flags.rawValue == (try vector.number("flags")))

    // The flags of the form come from the message; only the others are the caller's.
    let flags = header.flags.subtracting([.alternateForm, .symbols, .rest])
    let encoded = message.encode(
      sessionID: header.sessionID, packetNumber: header.packetNumber, flags: flags)
    #expect(encoded == vector.bytes)
  }

  @Test func data() throws {
    let vector = try Vector("data")
    let payload = try vector.data("payload")
    let decoded = try DataDatagram.decode(vector.bytes.span)
    #expect(
      decoded
        == DataDatagram(
          flags: DatagramFlags(rawValue: try vector.number("flags")),
          sessionID: try vector.number("sessionID"),
          packetNumber: try vector.number("packetNumber"), chunkIndex: try vector.number("chunkIndex"),
          timestamp: try vector.number("timestamp"), grttCode: try vector.grttCode(),
          payload: 32..<32 + payload.count, payloadChecksum: try vector.number("payloadChecksum")))
    var header = [UInt8](repeating: 0xAA, count: 32)
    header.withUnsafeMutableBytes {
      DataHeader.write(
        into: $0, sessionID: decoded.sessionID, packetNumber: decoded.packetNumber, flags: decoded.flags,
        chunkIndex: decoded.chunkIndex, timestamp: decoded.timestamp, grttCode: decoded.grttCode,
        payloadChecksum: CRC32.checksum(payload.span))
    }
    #expect(header + payload == vector.bytes)
  }

  @Test func parity() throws {
    let vector = try Vector("parity")
    let symbol = try vector.data("payload")
    let fields = ParityHeader(
      firstChunk: try vector.number("firstChunk"), timestamp: try vector.number("timestamp"),
      grttCode: try vector.grttCode(), symbolIndex: try vector.number("symbolIndex"),
      blockChunkCount: try vector.number("blockChunkCount"), blockStride: try vector.number("blockStride"))
    let decoded = try ParityDatagram.decode(vector.bytes.span)
    #expect(decoded.fields == fields)
    #expect(decoded.payload == 32..<32 + symbol.count)
    #expect(decoded.payloadChecksum == (try vector.number("payloadChecksum")))
    var header = [UInt8](repeating: 0xAA, count: 32)
    header.withUnsafeMutableBytes {
      fields.write(
        into: $0, sessionID: decoded.sessionID, packetNumber: decoded.packetNumber, flags: decoded.flags,
        payloadChecksum: CRC32.checksum(symbol.span))
    }
    #expect(header + symbol == vector.bytes)
  }

  /// The recorded session: every datagram is read, and written again byte for byte.
  @Test func recordedSession() throws {
    let text = try String(contentsOf: Vector.directory.appending(path: "session.txt"), encoding: .utf8)
    let words = text.split(separator: "\n").map { $0.split(separator: " ") }
    let lines = words.filter { $0.count == 4 && $0[0] != "#" }
    #expect(lines.count == 22)
    for line in lines {
      let bytes = try Vector.bytes(of: line[3])
      guard line[2] != "data" else {
        let data = try DataDatagram.decode(bytes.span)
        #expect(data.payloadChecksum == CRC32.checksum(Array(bytes[data.payload]).span))
        continue
      }
      let (header, message) = try ControlMessage.decode(bytes.span)
      let flags = header.flags.subtracting(.alternateForm)
      #expect(
        message.encode(sessionID: header.sessionID, packetNumber: header.packetNumber, flags: flags) == bytes)
    }
  }

  @Test func bitmapNamesTheseRanges() throws {
    let vector = try Vector("nack-bitmap")
    guard case .nack(let nack) = try vector.message() else { throw VectorError.missing("nack") }
    #expect(Array(nack.missingRanges) == (try vector.ranges("missing")))
  }

  @Test func announceIdentifiesTheManifest() throws {
    let manifest = try Vector("manifest")
    let identity = SetIdentity(of: manifest.bytes.span)
    #expect(identity.description == (try manifest.text("setIdentity")))
    guard case .announce(let announce) = try Vector("announce").message() else {
      throw VectorError.missing("announce")
    }
    #expect(announce.setIdentity == identity)
    #expect(announce.shape.manifestByteCount == manifest.bytes.count)
  }
}
