import Glibc
import Ground
import NIOCore
import TestSupport
import Testing
import Datagrams

/// The thread of a session, on real sockets of loopback.
struct DatagramLoopTests {
  /// Notes what a loop hands it, and closes the loop when it has heard enough.
  private final class Listener: DatagramDriver {
    private let loop: DatagramLoop
    private let wantedCount: Int
    var heard: [[UInt8]] = []
    var trainCount = 0
    var readCount = 0
    var pumpCount = 0
    var senders: Set<Int> = []
    var absences: [Nanoseconds] = []

    init(_ loop: DatagramLoop, wantedCount: Int) {
      self.loop = loop
      self.wantedCount = wantedCount
    }

    func receive(_ arrival: Arrival) {
      if arrival.segmentByteCount < arrival.bytes.count { trainCount += 1 }
      if arrival.bytes.isEmpty { heard.append([]) }
      arrival.eachDatagram { heard.append(Array($0)) }
      arrival.sender?.port.map { _ = senders.insert($0) }
    }

    func readComplete() {
      readCount += 1
      if heard.count >= wantedCount { loop.close() }
    }

    func pump() { pumpCount += 1 }

    func wasAway(_ nanoseconds: Nanoseconds) { absences.append(nanoseconds) }
  }

  private static func open() throws -> (loop: DatagramLoop, address: SocketAddress) {
    let socket = try UDPSocket(at: SocketAddress(ipAddress: "127.0.0.1", port: 0), sharesPort: false)
    socket.enableReceiveOffload()
    return (try DatagramLoop(socket: socket), try #require(socket.localAddress))
  }

  /// A loop that is closed keeps nothing alive that was planned.
  @Test func whatWasPlannedIsForgottenAtTheEnd() throws {
    final class Session {}
    let (loop, _) = try Self.open()
    weak var session: Session?
    do {
      let planned = Session()
      session = planned
      loop.schedule(after: .seconds(1)) { _ = planned }
    }
    #expect(session != nil)
    loop.close()
    #expect(session == nil)
  }

  private static func writer() throws -> DatagramWriter {
    DatagramWriter(try UDPSocket(at: SocketAddress(ipAddress: "127.0.0.1", port: 0), sharesPort: false))
  }

  /// The loop of a test that failed must end too.
  private static func closeLate(_ loop: DatagramLoop) {
    loop.schedule(after: .seconds(120)) { [weak loop] in loop?.close() }
  }

  @Test func whatArrivedIsHandedOverInOrder() throws {
    let (loop, address) = try Self.open()
    let writer = try Self.writer()
    let datagrams = [1, 1_472, 9_000, 65_507].enumerated().map { seededBytes($1, seed: UInt64($0)) } + [[]]
    for bytes in datagrams where !bytes.isEmpty {
      writer.write(ByteBuffer(bytes: bytes), segmentByteCount: bytes.count, to: address)
    }
    let empty = try UDPSocket(at: SocketAddress(ipAddress: "127.0.0.1", port: 0), sharesPort: false)
    _ = address.withSockAddr { sendto(empty.descriptor, nil, 0, 0, $0, socklen_t($1)) }
    let listener = Listener(loop, wantedCount: datagrams.count)
    Self.closeLate(loop)
    loop.run(listener) {}
    let isSame = listener.heard == datagrams
    #expect(isSame)
    #expect(listener.senders.count == 2)
    #expect(listener.readCount >= 1)
  }

  /// More than one turn reads, and trains as the kernel gathers them.
  @Test func trainsComeApartInOrder() throws {
    let (loop, address) = try Self.open()
    let writer = try Self.writer()
    let train = seededBytes(44_300, seed: 5)
    for _ in 0..<30 { writer.write(ByteBuffer(bytes: train), segmentByteCount: 1_000, to: address) }
    let pieces = stride(from: 0, to: train.count, by: 1_000).map { Array(train.dropFirst($0).prefix(1_000)) }
    let listener = Listener(loop, wantedCount: 30 * pieces.count)
    Self.closeLate(loop)
    loop.run(listener) {}
    let isSame = listener.heard == Array(repeating: pieces, count: 30).flatMap(\.self)
    #expect(isSame)
  }

  /// A read that takes all there is, exactly: the next one of the turn finds nothing.
  @Test(arguments: [63, 64, 65, 128, 256, 257])
  func anyNumberAtOnce(_ count: Int) throws {
    let (loop, address) = try Self.open()
    let writer = try Self.writer()
    let datagrams = (0..<count).map { [UInt8](repeating: UInt8($0 % 251), count: 1 + $0 % 7) }
    for bytes in datagrams {
      writer.write(ByteBuffer(bytes: bytes), segmentByteCount: bytes.count, to: address)
    }
    let listener = Listener(loop, wantedCount: count + 1)
    loop.schedule(after: .milliseconds(300)) { [weak loop] in loop?.close() }
    loop.run(listener) {}
    #expect(listener.heard == datagrams)
  }

  @Test func timesComeInTheirOrder() throws {
    let (loop, _) = try Self.open()
    var seen: [Int] = []
    for (delay, name) in [(3, 3), (1, 1), (2, 2)] as [(UInt64, Int)] {
      loop.schedule(after: .milliseconds(delay)) { seen.append(name) }
    }
    var ticks = 0
    loop.scheduleRepeatedly(each: .milliseconds(2)) { [weak loop] in
      ticks += 1
      if ticks == 4 { loop?.close() }
    }
    loop.wakeAt = loop.clock.now + .milliseconds(1)
    let listener = Listener(loop, wantedCount: 1)
    loop.run(listener) {}
    #expect(seen == [1, 2, 3])
    #expect(listener.pumpCount == 1)
    #expect(loop.clock.now.nanoseconds >= 8_000_000)
  }

  /// A turn that takes long, as one that waits for its disk, is told before anything is judged by the time.
  @Test func aLongTurnIsToldAsAbsence() throws {
    let (loop, _) = try Self.open()
    let listener = Listener(loop, wantedCount: 1)
    var absencesSeen: [Int] = []
    loop.schedule(after: 0) { usleep(700_000) }
    loop.schedule(after: .milliseconds(600)) { absencesSeen.append(listener.absences.count) }
    loop.schedule(after: .milliseconds(800)) { [weak loop] in loop?.close() }
    loop.run(listener) {}
    #expect(listener.absences.contains { $0 >= .milliseconds(500) })
    #expect(absencesSeen.first ?? 0 >= 1, "told before the timer that was due meanwhile")
  }

  @Test func aBellFromAnotherThreadEndsAWaitOnce() async throws {
    let (loop, _) = try Self.open()
    let bell = loop.bell
    var rings = 0
    let ringing = onThread {
      for _ in 0..<3 {
        bell.ring()
        _ = usleep(1_000)
      }
    }
    loop.schedule(after: .seconds(1)) { [weak loop] in loop?.close() }
    loop.run(Listener(loop, wantedCount: 1)) { rings += 1 }
    try await ringing.value.get()
    #expect(rings == 1)
  }

  @Test func aNarrowedSocketHearsOneAndWidenedHearsAll() throws {
    let any = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
    let port = try #require(try UDPSocket(at: any, sharesPort: false).localAddress?.port)
    let socket = try UDPSocket(at: SocketAddress(ipAddress: "127.0.0.1", port: port), sharesPort: false)
    let address = try #require(socket.localAddress)
    let pair = try (0..<2).map { _ in try UDPSocket(at: any, sharesPort: false) }
    func heard() -> [UInt8] {
      for (name, one) in pair.enumerated() {
        DatagramWriter(one).write(ByteBuffer(bytes: [UInt8(name)]), segmentByteCount: 1, to: address)
      }
      var names: [UInt8] = []
      var byte: UInt8 = 0
      while recv(socket.descriptor, &byte, 1, Int32(MSG_DONTWAIT)) == 1 { names.append(byte) }
      return names
    }
    #expect(heard() == [0, 1])
    #expect(socket.narrow(to: try #require(pair[1].localAddress)))
    #expect(heard() == [1])
    socket.widen()
    #expect(socket.localAddress == address)
    #expect(heard() == [0, 1])
  }

  /// Its port would be gone once it is widened.
  @Test func aPortOfTheKernelsChoiceIsNotNarrowed() throws {
    let any = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
    let socket = try UDPSocket(at: any, sharesPort: false)
    #expect(!socket.narrow(to: try SocketAddress(ipAddress: "127.0.0.1", port: 9)))
  }
}
