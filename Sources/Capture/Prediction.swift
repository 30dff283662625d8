package import Ground

/// The traffic of one run on the sender's wire, as far as it is known before the run. Specs/accounting.md.
package struct Prediction: Equatable, Codable, Sendable {
  package var protocolName: TransferProtocol
  package var mode: TransferMode
  package var receiverCount: Int
  /// Image bytes of the set, once.
  package var imageByteCount: UInt64
  /// Copies of the set that leave the sender: receivers, or 1 for a group.
  package var copyCount: Int
  /// Every kind that is predicted; in the order of the session.
  package var lines: [PredictedLine]
  /// The reason why this run is not possible, and then `lines` is empty. Nil for a possible run.
  package var refusal: String?

  /// Image bytes that leave the sender.
  package var carriedByteCount: UInt64 { refusal == nil ? imageByteCount * UInt64(copyCount) : 0 }

  /// All that is predicted, from the sender to receivers and back.
  package var total: LayerCounts { lines.reduce(.none) { $0 + $1.counts } }
}

/// One kind of traffic, predicted.
package struct PredictedLine: Equatable, Codable, Sendable {
  package var kind: TrafficKind
  package var counts: LayerCounts
  /// By which part the number of packets, and the bytes of their headers, may differ. 0 is exact. TCP's data
  /// segments have 0.02, because TCP may cut anywhere. The bytes of the payload are always exact.
  package var tolerance: Double
  /// The formula of the number, in the words of Specs/accounting.md.
  package var formula: String

  package init(_ kind: TrafficKind, _ counts: LayerCounts, tolerance: Double = 0, formula: String) {
    self.kind = kind
    self.counts = counts
    self.tolerance = tolerance
    self.formula = formula
  }
}

/// Predicts the traffic of a set. Nothing here touches a network.
package struct Predictor: Sendable {
  package var set: AccountedSet
  package var receiverCount: Int
  package var sizes: HeaderSizes

  package init(set: AccountedSet, receiverCount: Int, sizes: HeaderSizes) {
    self.set = set
    self.receiverCount = receiverCount
    self.sizes = sizes
  }

  /// All eight: two protocols in four modes.
  package func predictAll() -> [Prediction] {
    [TransferProtocol.naive, .chunked].flatMap { name in TransferMode.allCases.map { predict(name, $0) } }
  }

  package func predict(_ protocolName: TransferProtocol, _ mode: TransferMode) -> Prediction {
    let copies = mode.isGroup ? 1 : receiverCount
    var prediction = Prediction(
      protocolName: protocolName, mode: mode, receiverCount: receiverCount,
      imageByteCount: set.imageByteCount, copyCount: copies, lines: [], refusal: nil)
    let once: [PredictedLine]
    switch (protocolName, mode) {
    case (.naive, _):
      prediction.refusal = naiveRefusal(mode)
      once = mode == .tcp ? naiveConnections() : naiveDatagrams()
    case (.chunked, .tcp): once = chunkedConnection()
    case (.chunked, _): once = chunkedDatagrams()
    }
    guard prediction.refusal == nil else { return prediction }
    prediction.lines = once.map {
      PredictedLine($0.kind, $0.counts * UInt64(copies), tolerance: $0.tolerance, formula: $0.formula)
    }
    return prediction
  }
}
