import Checksum
import Ground
import Wire

/// A fuzzer's input, read as a script: steps, times and messages for a machine.
struct FuzzScript {
  /// Those of Specs/vectors, so that the vectors are messages of this session.
  static let sessionID: UInt64 = 0x0123_4567_89AB_CDEF
  static let receiverID: UInt64 = 0x1122_3344_5566_7788

  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private(set) var now = Instant(nanoseconds: 1_000_000_000)

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var isOver: Bool { position >= bytes.count }

  /// The next byte; 0 behind the end.
  mutating func byte() -> UInt8 {
    guard position < bytes.count else { return 0 }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func number16() -> Int { Int(byte()) << 8 | Int(byte()) }

  /// Time passes: from a microsecond to nine hours.
  mutating func wait() {
    let step = byte()
    now = now + UInt64(1 + step & 7) << UInt64(10 + step >> 3)
  }

  /// A control message: type, flags, packet number, length of its body, body. It is signed; nil when it is
  /// none all the same.
  mutating func message() -> (header: DatagramHeader, message: ControlMessage, byteCount: Int)? {
    let (type, flags, packet, count) = (byte(), byte(), number16(), Int(byte()))
    var datagram: [UInt8] = [DatagramHeader.magic, DatagramHeader.version, type, flags]
    for shift in stride(from: 56, through: 0, by: -8) {
      datagram.append(UInt8(truncatingIfNeeded: Self.sessionID >> UInt64(shift)))
    }
    datagram += [0, 0, UInt8(packet >> 8), UInt8(packet & 255), 0, 0, 0, 0]
    for _ in 0..<count { datagram.append(byte()) }
    for _ in 0..<2 {
      do throws(WireError) {
        let (header, message) = try ControlMessage.decode(datagram.span)
        return (header, message, datagram.count)
      } catch {
        guard case .checksumMismatch(_, let computed) = error else { return nil }
        for index in 0..<4 {
          datagram[16 + index] = UInt8(truncatingIfNeeded: computed >> UInt32(24 - 8 * index))
        }
      }
    }
    return nil
  }

  /// The announce of a small set: its first byte says how many chunks, the second which options.
  mutating func announce() -> Announce {
    let size = UInt64(byte()) * 3 * 1_000
    let kind = byte()
    var options: AnnounceOptions = kind & 1 != 0 ? .group : []
    if kind & 2 != 0 { options.insert(.parity) }
    if kind & 4 != 0 { options.insert([.oneWay, .group]) }
    let hasParity = options.contains(.parity)
    return Announce(
      setIdentity: SetIdentity(high: 1, low: 2),
      shape: SetShape(chunkByteCount: 1_000, manifestByteCount: 64, fileByteCounts: [size, 700]),
      groupSize: 2,
      timestamp: 0, options: options, grttCode: GrttCode(nanoseconds: 1_000_000),
      blockChunkCount: hasParity ? 1 + kind >> 4 : 0, maxParityCount: hasParity ? 8 : 0,
      blockStride: hasParity ? 1 + (kind >> 3) & 1 : 0)
  }
}
