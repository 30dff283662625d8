package import Checksum
import Ground
import Synchronization
import Wire

/// Applies the rules of a case to the datagrams of one run, and remembers what it did.
package final class CheckScript: Sendable {
  /// Datagrams of the naive protocol that are remembered: more than any case sends.
  private static let rememberedByteLimit = 8 << 20

  private struct State {
    var names = DatagramNames()
    var touched: [DatagramName: String] = [:]
    /// Overtaken datagrams of each direction, and how many are still to pass them.
    var held: [Bool: [(bytes: [UInt8], behind: Int)]] = [:]
    var arrived: [[UInt8]] = []
    var arrivedAt: [ContinuousClock.Instant] = []
    var delivered: [[UInt8]] = []
    var rememberedByteCount = 0
    var answerByteCount = 0
  }

  private let rules: [CheckRule]
  /// Nil: all. A run of the shrinker treats these alone.
  private let allowed: Set<DatagramName>?
  private let seed: UInt64
  private let identity: SetIdentity?
  private let state = Mutex(State())

  /// `identity`: of the manifest that a rule gives another name.
  package init(
    _ rules: [CheckRule], allowed: Set<DatagramName>? = nil, seed: UInt64, identity: SetIdentity? = nil
  ) {
    self.rules = rules
    self.allowed = allowed
    self.seed = seed
    self.identity = identity
  }

  /// The datagrams that were treated, and how; without those of essential rules.
  package var touched: [DatagramName: String] { state.withLock { $0.touched } }

  /// What the sender sent, in order; datagrams of the naive protocol, or connections.
  package var arrived: [[UInt8]] { state.withLock { $0.arrived } }

  /// From the datagram before the last one to the last one; 0 when there are fewer than two.
  package var lastGapSeconds: Double {
    state.withLock { state in
      let times = state.arrivedAt.suffix(2)
      guard let first = times.first, let last = times.last else { return 0 }
      return (last - first) / .seconds(1)
    }
  }

  /// What was handed on to the receiver, in order; datagrams of the naive protocol, or connections.
  package var delivered: [[UInt8]] { state.withLock { $0.delivered } }

  /// Over TCP: the bytes that came back to the sender.
  package var answerByteCount: Int { state.withLock { $0.answerByteCount } }

  /// A connection is over: what the sender sent, nil when it is none of the sender's; what was handed on, nil
  /// when all was; and how many bytes came back.
  func note(connection bytes: [UInt8]?, delivered: [[UInt8]]?, answerByteCount: Int = 0) {
    state.withLock { state in
      if let bytes {
        Self.remember(&state, bytes, delivered ?? [bytes])
      } else {
        state.delivered.append([])
      }
      state.answerByteCount += answerByteCount
    }
  }

  /// What a relay hands on for this datagram.
  package func copies(of datagram: [UInt8], isFromSender: Bool) -> [[UInt8]] {
    state.withLock { state in
      let (name, place) = state.names.next(datagram, isFromSender: isFromSender)
      var copies = [datagram]
      var isHeld = false
      for rule in rules where matches(rule, name, place) {
        guard rule.isEssential || allowed?.contains(name) != false else { continue }
        if case .overtaken(let count) = rule.treatment {
          state.held[isFromSender, default: []].append((datagram, count + 1))
          isHeld = true
        }
        copies = copies.flatMap { apply(rule.treatment, to: $0) }
        if !rule.isEssential { state.touched[name] = "\(rule.treatment)" }
      }
      if isHeld { copies = [] }
      copies += Self.release(&state, isFromSender)
      if isFromSender, name.kind == nil { Self.remember(&state, datagram, copies) }
      return copies
    }
  }

  private func matches(_ rule: CheckRule, _ name: DatagramName, _ place: Int) -> Bool {
    switch rule.which {
    case .kind(let kind, let places): name.kind == kind && places.contains(place)
    case .chunk(let chunk, let sendings):
      name.kind == .data && name.chunk == chunk && sendings.contains(name.ordinal)
    case .datagram(let number): name.kind == nil && name.isFromSender && name.ordinal == number
    case .share(let share):
      SplitMix64(seed: name.key.reduce(seed, SplitMix64.combine)).unit < share
    case .all: true
    }
  }

  private func apply(_ treatment: CheckRule.Treatment, to datagram: [UInt8]) -> [[UInt8]] {
    switch treatment {
    case .lost: return []
    case .doubled: return [datagram, datagram]
    case .overtaken: return [datagram]
    case .damaged(let byte):
      guard datagram.indices.contains(byte) else { return [datagram] }
      var damaged = datagram
      damaged[byte] ^= 1
      return [damaged]
    case .cut(let byteCount): return [Array(datagram.prefix(byteCount))]
    case .preceded(let forgery): return forged(forgery, datagram) + [datagram]
    case .followed(let forgery): return [datagram] + forged(forgery, datagram)
    case .replaced(let forgery):
      return forgery.datagram(of: datagram, identity: identity).map { [$0] } ?? [datagram]
    }
  }

  private func forged(_ forgery: CheckForgery, _ datagram: [UInt8]) -> [[UInt8]] {
    forgery.datagram(of: datagram, identity: identity).map { [$0] } ?? []
  }

  /// The overtaken datagrams whose time has come.
  private static func release(_ state: inout State, _ isFromSender: Bool) -> [[UInt8]] {
    guard var held = state.held[isFromSender], !held.isEmpty else { return [] }
    for place in held.indices { held[place].behind -= 1 }
    state.held[isFromSender] = held.filter { $0.behind > 0 }
    return held.filter { $0.behind <= 0 }.map { $0.bytes }
  }

  private static func remember(_ state: inout State, _ datagram: [UInt8], _ copies: [[UInt8]]) {
    guard state.rememberedByteCount <= rememberedByteLimit else { return }
    state.rememberedByteCount += datagram.count + copies.reduce(0) { $0 + $1.count }
    state.arrived.append(datagram)
    state.arrivedAt.append(.now)
    state.delivered += copies
  }
}

extension SplitMix64 {
  /// The first number of this generator, in [0, 1).
  fileprivate var unit: Double {
    var generator = self
    return generator.nextUnit()
  }
}
