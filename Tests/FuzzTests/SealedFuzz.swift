import Ground
import Keys
import Wire

#if canImport(Transport)  // Tools/fuzz compiles its files into the module
import Transport
#endif

/// Both ends of a session with a key that the fuzzer knows: any text, sealed; then any sealed datagram with
/// bits changed. What was sealed is opened as it was, once; what was changed is not opened.
func fuzzSealed(_ bytes: UnsafeBufferPointer<UInt8>) {
  var script = FuzzScript(bytes)
  let ends = SealedEnds.shared
  let kind = script.byte()
  let now = script.now
  var changes: [(Int, UInt8)] = []
  for _ in 0..<kind & 3 { changes.append((script.number16(), script.byte())) }
  if kind & 4 != 0 {
    var raw: [UInt8] = []
    while !script.isOver { raw.append(script.byte()) }
    var copy = raw
    copy.withUnsafeMutableBytes {
      _ = ends.receiver.open(UnsafeRawBufferPointer($0), isListening: true, now: now)
    }
    raw.withUnsafeMutableBytes { _ = ends.sender.open(UnsafeRawBufferPointer($0)) }
    return
  }
  guard let (_, message, _) = script.message() else { return }
  ends.packetNumber &+= 1
  let packet = ends.packetNumber % (1 << 30)
  let ordinary = message.encode(sessionID: FuzzScript.sessionID, packetNumber: packet)
  guard kind & 8 != 0 else { return ends.check(ends.sender.sealed(ordinary), ordinary, changes, now: now) }
  if let sealed = ends.receiver.sealed(ordinary, sessionID: FuzzScript.sessionID) {
    ends.checkBack(sealed, ordinary, changes)
  }
}

private final class SealedEnds {
  nonisolated(unsafe) static let shared = SealedEnds()
  let sender: SenderSeal
  let receiver: ReceiverSeal
  var packetNumber: UInt32 = 0

  init() {
    let secret = SessionSecret.key(Array(repeating: 7, count: 32))
    guard (try? KeyLibrary.load()) != nil,
      let keys = try? SaltedKeys(secret, salt: Array(repeating: 9, count: SaltedKeys.saltByteCount)),
      let sender = try? SenderSeal(keys, sessionID: FuzzScript.sessionID)
    else { fatalError("no keys") }
    self.sender = sender
    receiver = ReceiverSeal(secret)
    // The receiver learns the session from an announce.
    let announce = [UInt8](repeating: 1, count: 2).withUnsafeBufferPointer { bytes -> [UInt8] in
      var script = FuzzScript(bytes)
      return ControlMessage.announce(script.announce()).encode(
        sessionID: FuzzScript.sessionID, packetNumber: 0)
    }
    var sealed = sender.sealed(announce)
    sealed.withUnsafeMutableBytes {
      _ = receiver.open(UnsafeRawBufferPointer($0), isListening: true, now: .zero)
    }
  }

  private func change(_ sealed: [UInt8], _ changes: [(Int, UInt8)]) -> [UInt8] {
    var changed = sealed
    for (place, bits) in changes where !changed.isEmpty { changed[place % changed.count] ^= bits }
    return changed
  }

  func check(_ sealed: [UInt8], _ ordinary: [UInt8], _ changes: [(Int, UInt8)], now: Instant) {
    let changed = change(sealed, changes)
    for isFirst in [true, false] {
      var copy = changed
      copy.withUnsafeMutableBytes { place in
        let bytes = UnsafeRawBufferPointer(place)
        guard case .datagram(let opened) = receiver.open(bytes, isListening: true, now: now) else {
          return precondition(!isFirst || changed != sealed, "what was sealed is not opened")
        }
        precondition(isFirst && changed == sealed, "changed or again, and opened")
        precondition(DatagramHeader.sessionID(of: opened) == FuzzScript.sessionID)
        precondition(opened.dropFirst(20).elementsEqual(ordinary.dropFirst(20)), "opened as something else")
      }
    }
  }

  func checkBack(_ sealed: [UInt8], _ ordinary: [UInt8], _ changes: [(Int, UInt8)]) {
    let changed = change(sealed, changes)
    var copy = changed
    copy.withUnsafeMutableBytes { place in
      let bytes = UnsafeRawBufferPointer(place)
      guard let opened = sender.open(bytes) else { return }
      precondition(changed == sealed, "changed, and opened")
      precondition(opened.dropFirst(20).elementsEqual(ordinary.dropFirst(20)), "opened as something else")
    }
  }
}
