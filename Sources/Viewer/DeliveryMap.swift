/// How the chunks of a set arrive, at one moment: what the map draws. Whoever receives the set makes it.
package struct DeliveryMap: Sendable {
  /// Some chunks, counted by their state.
  package struct Counts: Sendable, Equatable {
    package var total: UInt64
    /// All that are here, however they came.
    package var arrived: UInt64
    /// Of these, those that came in a repair.
    package var repaired: UInt64 = 0
    /// Of these, those that were rebuilt from parity.
    package var rebuilt: UInt64 = 0
    /// Asked for, and not here yet.
    package var asked: UInt64 = 0

    package init(total: UInt64, arrived: UInt64) {
      self.total = total
      self.arrived = arrived
    }

    package var missing: UInt64 { total - min(total, arrived) }
  }

  /// A file of the set and its place.
  package struct File: Sendable, Equatable {
    package var name: String
    package var chunks: Range<UInt64>

    package init(name: String, chunks: Range<UInt64>) {
      self.name = name
      self.chunks = chunks
    }
  }

  package let chunkCount: UInt64
  package let fileCount: Int
  /// The map is of what a sender has sent, and not of what a receiver has.
  package var isOfSender = false
  /// What is known of some chunks beyond their counts, a line each.
  package var story: @Sendable (Range<UInt64>) -> [String] = { _ in [] }
  /// The file of an index in 0 ..< `fileCount`.
  package let file: @Sendable (Int) -> File
  /// Counts the chunks of a range within the set. In a longer range than `countLimit` not all of `asked` may
  /// be counted.
  package let counts: @Sendable (Range<UInt64>) -> Counts

  /// Chunks that are counted at once: whoever counts may look at each of them.
  package static let countLimit: UInt64 = 4_096

  /// The whole set's chunks, counted in pieces.
  package var totals: Counts {
    var sum = Counts(total: 0, arrived: 0)
    for first in stride(from: 0, to: chunkCount, by: UInt64.Stride(Self.countLimit)) {
      let piece = counts(first..<min(chunkCount, first + Self.countLimit))
      sum.total += piece.total
      sum.arrived += piece.arrived
      sum.repaired += piece.repaired
      sum.rebuilt += piece.rebuilt
      sum.asked += piece.asked
    }
    return sum
  }

  /// The file of a chunk; nil for the manifest's chunks. Files stand in the order of their chunks.
  package func file(ofChunk chunk: UInt64) -> File? {
    var (low, high) = (0, fileCount)
    while low < high {
      let middle = (low + high) / 2
      if file(middle).chunks.upperBound <= chunk { low = middle + 1 } else { high = middle }
    }
    guard low < fileCount else { return nil }
    let found = file(low)
    return found.chunks.contains(chunk) ? found : nil
  }

  package init(
    chunkCount: UInt64, fileCount: Int, file: @escaping @Sendable (Int) -> File,
    counts: @escaping @Sendable (Range<UInt64>) -> Counts
  ) {
    self.chunkCount = chunkCount
    self.fileCount = fileCount
    self.file = file
    self.counts = counts
  }
}

/// What one cell of the map shows. A cell of several chunks shows the state that asks for most attention.
package enum CellState: Sendable, Equatable, CaseIterable {
  case missing, asked
  /// Some of the cell's chunks are here.
  case partial
  case arrived, repaired, rebuilt

  package init(_ counts: DeliveryMap.Counts) {
    if counts.asked > 0 {
      self = .asked
    } else if counts.arrived == 0 {
      self = .missing
    } else if counts.missing > 0 {
      self = .partial
    } else if counts.rebuilt > 0 {
      self = .rebuilt
    } else {
      self = counts.repaired > 0 ? .repaired : .arrived
    }
  }

  /// The word in the legend of a sender's map; nil: a sender has no such chunks.
  package var sendersWord: String? {
    switch self {
    case .missing: "not sent yet"
    case .asked: "asked for"
    case .partial: "some sent"
    case .arrived: "sent"
    case .repaired: "sent again"
    case .rebuilt: nil
    }
  }

  /// The word in the legend.
  package var word: String {
    switch self {
    case .missing: "missing"
    case .asked: "asked for"
    case .partial: "some here"
    case .arrived: "arrived"
    case .repaired: "repaired"
    case .rebuilt: "rebuilt from parity"
    }
  }
}

extension CellState {
  /// The word in the legend of this map; nil where such chunks cannot be.
  func word(in delivery: DeliveryMap) -> String? { delivery.isOfSender ? sendersWord : word }
}
