import TestSupport
import Testing
import Wire

/// The layouts of Specs/chunked-tcp.md §8, by hand; records with keys are StreamSealHandlerTests'.
@Suite struct SealedStreamTests {
  private static let salt = seededBytes(16, seed: 1)
  private static let check = seededBytes(8, seed: 2)
  private static let random = seededBytes(16, seed: 3)
  private static let head = Array("GKEY".utf8) + [1, 0, 0, 0]

  @Test func greetings() throws {
    let sender = SealedStream.senderGreeting(salt: Self.salt, check: Self.check, random: Self.random)
    #expect(sender == Self.head + Self.salt + Self.check + Self.random)
    #expect(sender.count == SealedStream.senderGreetingByteCount)
    let read = try #require(SealedStream.sender(sender))
    #expect(read.salt == Self.salt && read.check == Self.check && read.random == Self.random)

    let receiver = SealedStream.receiverGreeting(random: Self.random)
    #expect(receiver == Self.head + Self.random)
    #expect(receiver.count == SealedStream.receiverGreetingByteCount)
    #expect(SealedStream.receiverRandom(receiver) == Self.random)
  }

  /// Another head, one byte less, one more, and the other side's greeting.
  @Test func whatIsNoGreetingIsNone() {
    let sender = SealedStream.senderGreeting(salt: Self.salt, check: Self.check, random: Self.random)
    let receiver = SealedStream.receiverGreeting(random: Self.random)
    for place in Self.head.indices {
      var (first, second) = (sender, receiver)
      first[place] ^= 1
      second[place] ^= 1
      #expect(
        SealedStream.sender(first) == nil && SealedStream.receiverRandom(second) == nil, "byte \(place)")
    }
    for bytes in [Array(sender.dropLast()), sender + [0], receiver] {
      #expect(SealedStream.sender(bytes) == nil, "\(bytes.count) bytes")
    }
    for bytes in [Array(receiver.dropLast()), receiver + [0], sender] {
      #expect(SealedStream.receiverRandom(bytes) == nil, "\(bytes.count) bytes")
    }
  }

  @Test func recordsAndNonces() {
    var record = [0, 0, 0, 5] + Array("words".utf8) + Array(100..<116) + [9, 9]
    record.withUnsafeMutableBytes { bytes in
      let parts = SealedStream.parts(of: bytes, textByteCount: 5)
      #expect(Array(parts.header) == [0, 0, 0, 5])
      #expect(Array(parts.text) == Array("words".utf8))
      #expect(Array(parts.tag) == Array(100..<116))
    }
    SealedStream.withNonce(0x0102_0304_0506_0708) {
      #expect(Array($0) == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])
    }
  }
}
