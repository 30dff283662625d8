import Testing

import Keys

struct DatagramCipherTests {
  /// Test case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation", which NIST's page of GCM
  /// cites; the same from Python's cryptography 48.0.
  private static let key = [UInt8](
    hexadecimal: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
  private static let nonce = [UInt8](hexadecimal: "cafebabefacedbaddecaf888")
  private static let header = [UInt8](hexadecimal: "feedfacedeadbeeffeedfacedeadbeefabaddad2")
  private static let text = [UInt8](
    hexadecimal:
      """
      d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525\
      b16aedf5aa0de657ba637b39
      """
  )
  private static let sealed = [UInt8](
    hexadecimal:
      """
      522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838\
      c5f61e6393ba7a0abcc9f662
      """
  )
  private static let tag = [UInt8](hexadecimal: "76fc6ece0f4e1768cddf8853bb2d551b")

  #if arch(x86_64)
  private static let libraries: [DatagramCipher.Library] = [.libgcrypt, .ipsecMB]
  #else
  private static let libraries: [DatagramCipher.Library] = [.libgcrypt]
  #endif

  /// Twice with one cipher, because a session uses it for each datagram.
  @Test(arguments: libraries) func sealsAsTheVectorSays(_ library: DatagramCipher.Library) throws {
    let cipher = try DatagramCipher(key: Self.key, by: library)
    for _ in 0..<2 {
      let (text, tag) = try #require(seal(cipher, Self.text, Self.header, Self.nonce))
      #expect(text == Self.sealed && tag == Self.tag)
    }
  }

  /// One host may have the second library and the other not. Every length of a datagram has another end of
  /// the vectors.
  @Test func whatOneLibrarySealsTheOtherOpens() throws {
    let ciphers = try Self.libraries.map { try DatagramCipher(key: Self.key, by: $0) }
    for length in 0...1_500 {
      let text = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ length) }
      let header = Array(text.prefix(length % 41))
      let sealed = try ciphers.map { try #require(seal($0, text, header, Self.nonce)) }
      for (bytes, tag) in sealed {
        #expect(bytes == sealed[0].text && tag == sealed[0].tag, "\(length) bytes")
        for cipher in ciphers {
          #expect(open(cipher, bytes, header, Self.nonce, tag) == text, "\(length) bytes")
        }
      }
    }
  }

  @Test(arguments: libraries) func opensTheVectorAndNothingThatDiffersInOneBit(
    _ library: DatagramCipher.Library
  ) throws {
    let cipher = try DatagramCipher(key: Self.key, by: library)
    #expect(open(cipher, Self.sealed, Self.header, Self.nonce, Self.tag) == Self.text)
    for place in Self.sealed.indices {
      #expect(open(cipher, flip(Self.sealed, place), Self.header, Self.nonce, Self.tag) == nil)
    }
    for place in Self.header.indices {
      #expect(open(cipher, Self.sealed, flip(Self.header, place), Self.nonce, Self.tag) == nil)
    }
    for place in Self.nonce.indices {
      #expect(open(cipher, Self.sealed, Self.header, flip(Self.nonce, place), Self.tag) == nil)
    }
    for place in Self.tag.indices {
      #expect(open(cipher, Self.sealed, Self.header, Self.nonce, flip(Self.tag, place)) == nil)
    }
    #expect(open(cipher, Self.sealed, Self.header, Self.nonce, Self.tag) == Self.text)
  }

  private func seal(
    _ cipher: DatagramCipher, _ text: [UInt8], _ header: [UInt8], _ nonce: [UInt8]
  ) -> (text: [UInt8], tag: [UInt8])? {
    var text = text
    var tag = [UInt8](repeating: 0, count: DatagramCipher.tagByteCount)
    let isSealed = text.withUnsafeMutableBytes { text in
      tag.withUnsafeMutableBytes { tag in
        header.withUnsafeBytes { header in
          nonce.withUnsafeBytes { cipher.seal(text, header: header, nonce: $0, tag: tag) }
        }
      }
    }
    return isSealed ? (text, tag) : nil
  }

  private func flip(_ bytes: [UInt8], _ place: Int) -> [UInt8] {
    var bytes = bytes
    bytes[place] ^= 1 << UInt8(place % 8)
    return bytes
  }

  private func open(
    _ cipher: DatagramCipher, _ text: [UInt8], _ header: [UInt8], _ nonce: [UInt8], _ tag: [UInt8]
  ) -> [UInt8]? {
    var text = text
    let isOpened = text.withUnsafeMutableBytes { text in
      tag.withUnsafeBytes { tag in
        header.withUnsafeBytes { header in
          nonce.withUnsafeBytes { cipher.open(text, header: header, nonce: $0, tag: tag) }
        }
      }
    }
    return isOpened ? text : nil
  }
}

extension [UInt8] {
  /// Two digits a byte.
  init(hexadecimal text: String) {
    let digits = text.compactMap(\.hexDigitValue)
    self = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
