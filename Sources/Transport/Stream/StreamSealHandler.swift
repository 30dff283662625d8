import Ground
import Keys
import NIOCore
import Wire

/// Seals the bytes of a connection with a key, and opens those of the other side, Specs/chunked-tcp.md §8. It
/// stands between the socket and the handler of the session, which knows nothing of keys.
///
/// The sender says its salt, the receiver answers with random bytes of its own, and then both send records.
/// No byte of the session leaves before that.
final class StreamSealHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  enum Role {
    case sender(SaltedKeys)
    case receiver(KeyRing)
  }

  /// Both directions, once the other side's greeting is here.
  private struct Ciphers {
    let outgoing: DatagramCipher
    let incoming: DatagramCipher
    var sentCount: UInt64 = 0
    var openedCount: UInt64 = 0
  }

  private let role: Role
  private let peer: String
  private let random = (0..<SealedStream.randomByteCount).map { _ in UInt8.random(in: 0...UInt8.max) }
  private var ciphers: Ciphers?
  /// What has arrived and is not opened yet: less than a record.
  private var waiting = ByteBuffer()
  /// What the session has written before there were keys.
  private var held: [(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)] = []
  private var hasFailed = false

  init(_ role: Role, peer: String) {
    self.role = role
    self.peer = peer
  }

  func handlerAdded(context: ChannelHandlerContext) {
    guard case .sender(let keys) = role else { return }
    let greeting = SealedStream.senderGreeting(salt: keys.salt, check: keys.check, random: random)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: greeting)), promise: nil)
  }

  func handlerRemoved(context: ChannelHandlerContext) { dropHeld() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !hasFailed else { return }
    var bytes = unwrapInboundIn(data)
    if waiting.readableBytes == 0 { swap(&waiting, &bytes) } else { waiting.writeBuffer(&bytes) }
    do {
      if ciphers == nil { try greet(context) }
      while ciphers != nil, let record = try openRecord() { context.fireChannelRead(wrapInboundOut(record)) }
    } catch {
      fail(error, context)
    }
    waiting.discardReadBytes()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event, ciphers == nil, case .sender = role {
      fail(unanswered, context)
    }
    context.fireUserInboundEventTriggered(event)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let bytes = unwrapOutboundIn(data)
    if hasFailed {
      // An abort to another side that uses no code: its user will ask why.
      if ciphers == nil { return context.write(wrapOutboundOut(bytes), promise: promise) }
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    guard ciphers != nil else { return held.append((bytes, promise)) }
    guard let records = seal(bytes, context.channel.allocator) else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return fail(TransportError.key(.refused(code: 0)), context)
    }
    context.write(wrapOutboundOut(records), promise: promise)
  }

  private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
    guard !hasFailed else { return }
    hasFailed = true
    dropHeld()
    context.fireErrorCaught(error)
  }

  private func dropHeld() {
    for one in held { one.promise?.fail(ChannelError.ioOnClosedChannel) }
    held = []
  }
}

extension StreamSealHandler {
  /// Reads the other side's greeting when it is whole, and makes the keys.
  private func greet(_ context: ChannelHandlerContext) throws {
    switch role {
    case .sender(let keys):
      guard let greeting = waiting.readBytes(length: SealedStream.receiverGreetingByteCount) else { return }
      guard let other = SealedStream.receiverRandom(greeting) else { throw unanswered }
      try begin(keys, sender: random, receiver: other, isSender: true)
    case .receiver(let ring):
      if let first = waiting.getBytes(at: waiting.readerIndex, length: min(4, waiting.readableBytes)),
        !SealedStream.magic.starts(with: first)
      {
        throw unsealed
      }
      guard let greeting = waiting.readBytes(length: SealedStream.senderGreetingByteCount) else { return }
      guard let sender = SealedStream.sender(greeting) else { throw unsealed }
      guard let keys = ring.keys(of: sender.salt, now: Instant(nanoseconds: monotonicNanoseconds())) else {
        throw TransportError.busy
      }
      guard keys.check == sender.check else {
        ring.hasHeardOtherSecret = true
        throw mismatch("has another \(ring.noun): compare both")
      }
      try begin(keys, sender: sender.random, receiver: random, isSender: false)
      let answer = ByteBuffer(bytes: SealedStream.receiverGreeting(random: random))
      context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    }
    let writes = held
    held = []
    for one in writes { write(context: context, data: NIOAny(one.bytes), promise: one.promise) }
    context.flush()
  }

  private var unsealed: TransportError { mismatch("uses no code or key, and this side does") }

  /// A receiver that does not greet back: it has closed, or has sent an abort that is not sealed.
  private var unanswered: TransportError { mismatch("has another code or key, or none") }

  private func mismatch(_ text: String) -> TransportError { .keyMismatch(peer: peer, text: text) }

  private func begin(
    _ keys: SaltedKeys, sender: [UInt8], receiver: [UInt8], isSender: Bool
  ) throws(KeyError) {
    let own = try keys.streamCipher(isSender: isSender, random: sender + receiver)
    let other = try keys.streamCipher(isSender: !isSender, random: sender + receiver)
    ciphers = Ciphers(outgoing: own, incoming: other)
  }

  /// The next record that is whole. Throws for one that is not sealed with the key.
  private func openRecord() throws -> ByteBuffer? {
    let start = waiting.readerIndex
    guard let length = waiting.getInteger(at: start, as: UInt32.self) else { return nil }
    let byteCount = Int(length)
    guard (1...SealedStream.recordByteCount).contains(byteCount) else { throw damaged }
    guard
      var record = waiting.readSlice(
        length: SealedStream.lengthByteCount + byteCount + SealedStream.tagByteCount),
      var ciphers
    else { return nil }
    let number = ciphers.openedCount
    ciphers.openedCount += 1
    self.ciphers = ciphers
    let isOpened = record.withUnsafeMutableReadableBytes { bytes in
      let parts = SealedStream.parts(of: bytes, textByteCount: byteCount)
      return SealedStream.withNonce(number) {
        ciphers.incoming.open(
          parts.text, header: parts.header, nonce: $0, tag: UnsafeRawBufferPointer(parts.tag))
      }
    }
    guard isOpened else { throw damaged }
    return record.getSlice(at: record.readerIndex + SealedStream.lengthByteCount, length: byteCount)
  }

  private var damaged: TransportError {
    .protocolViolation(peer: peer, text: "bytes that are not sealed with this code or key")
  }

  /// Records with these bytes. Nil when they cannot be sealed.
  private func seal(_ bytes: ByteBuffer, _ allocator: ByteBufferAllocator) -> ByteBuffer? {
    guard var ciphers else { return nil }
    let count = (bytes.readableBytes + SealedStream.recordByteCount - 1) / SealedStream.recordByteCount
    var result = allocator.buffer(
      capacity: bytes.readableBytes + count * (SealedStream.lengthByteCount + SealedStream.tagByteCount))
    var rest = bytes
    while let text = rest.readSlice(length: min(SealedStream.recordByteCount, rest.readableBytes)),
      text.readableBytes > 0
    {
      let start = result.writerIndex
      result.writeInteger(UInt32(text.readableBytes))
      result.writeImmutableBuffer(text)
      result.writeRepeatingByte(0, count: SealedStream.tagByteCount)
      let number = ciphers.sentCount
      ciphers.sentCount += 1
      let isSealed = result.withUnsafeMutableReadableBytes { all in
        let record = UnsafeMutableRawBufferPointer(rebasing: all[start...])
        let parts = SealedStream.parts(of: record, textByteCount: text.readableBytes)
        return SealedStream.withNonce(number) {
          ciphers.outgoing.seal(parts.text, header: parts.header, nonce: $0, tag: parts.tag)
        }
      }
      guard isSealed else { return nil }
    }
    self.ciphers = ciphers
    return result
  }
}
