import Ground
import MemoryDisk

/// One thing that goes wrong in a run. A run is a function of its seed and its faults.
enum Fault: Equatable, Sendable {
  /// The n-th datagram on the way to a receiver, or back from it, from 1.
  case lose(receiver: Int, Int)
  case loseBack(receiver: Int, Int)
  case double(receiver: Int, Int)
  /// A chunk arrives a byte shorter than it must be, with the right checksum; others arrive as they are. No
  /// seed does this.
  case shorten(receiver: Int, Int)
  /// The n-th operation of a receiver's disk that changes something.
  case disk(receiver: Int, Int, MemoryDisk.Failure)
  /// Of the sender's disk.
  case readError(Int)
  case killSender(Nanoseconds)
  case kill(receiver: Int, Nanoseconds)
  case powerCut(receiver: Int, Nanoseconds)
  /// The process does not run for a time. Node 0 is the sender, node i + 1 receiver i.
  case sleep(node: Int, at: Nanoseconds, Nanoseconds)
  /// The wall clock of a receiver's host is set.
  case clockJump(receiver: Int, at: Nanoseconds, seconds: Int)

  /// Whether the network alone is at fault.
  var isOfNetwork: Bool {
    switch self {
    case .lose, .loseBack, .double, .shorten: true
    default: false
    }
  }
}

/// What a run is about, without its faults.
struct FaultSetting: Sendable {
  let seed: UInt64
  var receiverCount = 1
  var isGroup = false
  /// k and D.
  var parity: (chunkCount: Int, stride: Int)?
  var chunkByteCount = 500
  var files: [(name: String, byteCount: Int)] = []
  var delayNanoseconds: Nanoseconds = .milliseconds(1)
  var jitterNanoseconds: Nanoseconds = 0
  var rateBitsPerSecond = 10e6
  var hasRecords = false

  init(seed: UInt64) {
    self.seed = seed
    var generator = SplitMix64(seed: SplitMix64.combine(seed, 1))
    func below(_ limit: Int) -> Int { Int(generator.next() % UInt64(limit)) }
    receiverCount = [1, 1, 1, 2, 2, 3, 3, 5][below(8)]
    isGroup = receiverCount > 1 || below(5) == 0
    if isGroup, below(2) == 0 { parity = ([4, 8, 16][below(3)], 1 + below(4)) }
    chunkByteCount = [200, 333, 500, 1_000][below(4)]
    for number in 0..<1 + below(5) {
      let name = below(3) == 0 ? "folder/\(number).jpg" : "\(number).jpg"
      files.append((name, [0, 1, 700, 2_500, 6_000, 12_000][below(6)] + below(50)))
    }
    delayNanoseconds = .microseconds([100, 1_000, 8_000, 30_000][below(4)] as UInt64)
    jitterNanoseconds = below(3) == 0 ? .microseconds(UInt64(below(4_000))) : 0
    rateBitsPerSecond = [1e6, 5e6, 20e6, 100e6][below(4)]
    hasRecords = below(2) == 0
  }

  var chunkCount: Int { files.reduce(1) { $0 + ($1.byteCount + 4) / chunkByteCount + 1 } }

  /// The faults that belong to the seed.
  var faults: [Fault] {
    var generator = SplitMix64(seed: SplitMix64.combine(seed, 2))
    func below(_ limit: Int) -> Int { Int(generator.next() % UInt64(max(1, limit))) }
    func receiver() -> Int { below(receiverCount) }
    // The sender's first datagrams go through in about this time.
    let span = Double(chunkCount * chunkByteCount * 8) / rateBitsPerSecond * 1e9
    func time() -> Nanoseconds {
      below(3) == 0
        ? .milliseconds(UInt64(below(6_000)))
        : UInt64(Double(below(1_000)) / 500 * span) + .milliseconds(UInt64(below(200)))
    }
    var faults: [Fault] = []
    for _ in 0..<[0, 1, 2, 4, 12, 40][below(6)] {
      switch below(8) {
      case 0...4: faults.append(.lose(receiver: receiver(), 1 + below(3 * chunkCount + 10)))
      case 5, 6: faults.append(.loseBack(receiver: receiver(), 1 + below(40)))
      default: faults.append(.double(receiver: receiver(), 1 + below(3 * chunkCount + 10)))
      }
    }
    for _ in 0..<[0, 1, 1, 2, 3][below(5)] {
      switch below(12) {
      case 0...4: faults.append(.disk(receiver: receiver(), 1 + below(60 + chunkCount), failure(&generator)))
      case 5: faults.append(.readError(1 + below(2 * chunkCount)))
      case 6: faults.append(.killSender(time()))
      case 7, 8: faults.append(.kill(receiver: receiver(), time()))
      case 9: faults.append(.powerCut(receiver: receiver(), time()))
      case 10:
        faults.append(
          .sleep(node: below(receiverCount + 1), at: time(), .milliseconds(UInt64(below(20_000)))))
      default:
        faults.append(
          .clockJump(
            receiver: receiver(), at: time(), seconds: [-86_400 * 400, -3_600, 3_600, 86_400 * 30][below(4)]))
      }
    }
    return faults
  }

  private func failure(_ generator: inout SplitMix64) -> MemoryDisk.Failure {
    switch generator.next() % 6 {
    // Some of them for longer than a peer may be silent.
    case 0: .full(.milliseconds(generator.next() % (generator.next() % 4 == 0 ? 40_000 : 4_000)))
    case 1: .shortWrite
    case 2: .ioError
    case 3, 4: .kill
    default: .powerCut
    }
  }
}
