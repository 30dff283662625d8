import Glibc
import NIOCore
import TestSupport
import Testing
import Datagrams

/// Writing to a socket: trains, what happens where a kernel refuses them, and a socket that is full.
struct DatagramWriterTests {
  /// Two sockets on loopback; closed with the test.
  private final class Pair {
    let socket: UDPSocket
    let receiver: Int32
    let address: SocketAddress

    init() throws {
      let kind = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue)
      socket = UDPSocket(descriptor: Glibc.socket(AF_INET, kind, 0))
      receiver = Glibc.socket(AF_INET, kind, 0)
      let receiver = self.receiver
      try #require(LoopbackName.with(port: 0) { bind(receiver, $0, $1) } == 0)
      address = try SocketAddress(
        ipAddress: "127.0.0.1", port: try #require(LoopbackName.port(of: receiver)))
    }

    deinit { _ = Glibc.close(receiver) }

    func set(_ option: Int32, _ value: Int32) {
      var value = value
      _ = setsockopt(socket.descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// What has arrived, a datagram each.
    func received() -> [[UInt8]] {
      var all: [[UInt8]] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = recv(receiver, &buffer, buffer.count, 0)
        guard count >= 0 else { return all }
        all.append(Array(buffer[..<count]))
      }
    }
  }

  private func bytes(_ count: Int) -> ByteBuffer { ByteBuffer(bytes: seededBytes(count, seed: 3)) }

  private func datagrams(_ bytes: ByteBuffer, _ segment: Int) -> [[UInt8]] {
    stride(from: 0, to: bytes.readableBytes, by: segment).map {
      Array(bytes.readableBytesView.dropFirst($0).prefix(segment))
    }
  }

  @Test func aTrainArrivesAsItsDatagrams() throws {
    let pair = try Pair()
    let writer = DatagramWriter(pair.socket)
    let train = bytes(10_300)
    writer.write(train, segmentByteCount: 1_000, to: pair.address)
    #expect(pair.received() == datagrams(train, 1_000))
    #expect(writer.sendsTrains)
    #expect(writer.refusals.count == 0)
  }

  /// A socket that makes no checksums takes no trains, as some devices do not: the kernel says EINVAL or EIO.
  @Test func whereTrainsAreRefusedDatagramsGoOneByOne() throws {
    let pair = try Pair()
    let noCheck: Int32 = 11  // SO_NO_CHECK
    pair.set(noCheck, 1)
    let writer = DatagramWriter(pair.socket)
    let train = bytes(10_300)
    for _ in 0..<2 { writer.write(train, segmentByteCount: 1_000, to: pair.address) }
    #expect(!writer.sendsTrains)
    #expect(pair.received() == datagrams(train, 1_000) + datagrams(train, 1_000))
    #expect(writer.refusals.count == 0)
  }

  /// 65,507 bytes are the most: what the kernel will not take is counted, and what follows goes.
  @Test func whatIsRefusedIsCountedAndTheRestGoes() throws {
    let pair = try Pair()
    let writer = DatagramWriter(pair.socket)
    writer.write(bytes(65_508), segmentByteCount: 65_508, to: pair.address)
    #expect(writer.refusals.count == 1)
    #expect(writer.refusals.errno == EMSGSIZE)
    writer.write(bytes(10), segmentByteCount: 10, to: pair.address)
    #expect(pair.received().map(\.count) == [10])
    #expect(!writer.isFull)
  }

  @Test func aClosedSocketRefusesAndDoesNotTrap() throws {
    let pair = try Pair()
    let writer = DatagramWriter(pair.socket)
    pair.socket.close()
    writer.write(bytes(10), segmentByteCount: 10, to: pair.address)
    #expect(writer.refusals.errno == EBADF)
    #expect(pair.received().isEmpty)
  }
}
