import Testing
import Wire

@Suite struct DatagramTests {
  private static func changed(_ index: Int, to byte: UInt8) throws -> [UInt8] {
    var bytes = try Vector("end").bytes
    bytes[index] = byte
    return ReferenceDatagram.signed(bytes)
  }

  @Test(
    arguments: [
      (0, 0xFF, WireError.badMagic(0xFF)),
      (1, 1, .unknownVersion(1)),
      (1, 0, .unknownVersion(0)),
      (2, 0, .unknownMessageType(0)),
      (2, 14, .unknownMessageType(14)),
    ] as [(Int, UInt8, WireError)])
  func refusesAnotherProtocol(index: Int, byte: UInt8, error: WireError) throws {
    #expect(wireError(try Self.changed(index, to: byte)) == error)
  }

  @Test func ignoresUnknownFlags() throws {
    let bytes = try Self.changed(3, to: 0xC0 | 0x04)
    let header = try Datagram.decodeHeader(bytes.span)
    #expect(header.flags == .provisional)
  }

  @Test(arguments: Vector.datagramNames)
  func headerOfEveryMessage(name: String) throws {
    let vector = try Vector(name)
    let header = try Datagram.decodeHeader(vector.bytes.span)
    #expect("\(header.type)" == (try vector.text("type")))
    #expect(header.checksum == ReferenceDatagram.checksum(of: vector.bytes))
    #expect(try Datagram.type(of: vector.bytes.span) == header.type)
  }

  /// `decodeHeader` leaves the payload's checksum to the data decoder, and verifies all others.
  @Test func verifiesAllButPayloads() throws {
    for name in Vector.datagramNames {
      var bytes = try Vector(name).bytes
      bytes[bytes.count - 1] ^= 1
      let header = try? Datagram.decodeHeader(bytes.span)
      #expect((header != nil) == (name == "data" || name == "parity"))
    }
  }

  @Test func decodersRefuseTheOthersTypes() throws {
    let data = try Vector("data").bytes
    let parity = try Vector("parity").bytes
    #expect(throws: WireError.unexpectedMessageType(.parity)) { try DataDatagram.decode(parity.span) }
    #expect(throws: WireError.unexpectedMessageType(.data)) { try ParityDatagram.decode(data.span) }
    #expect(throws: WireError.unexpectedMessageType(.data)) { try ControlMessage.decode(data.span) }
  }
}
