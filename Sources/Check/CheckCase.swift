package import Ground

/// One case: a sentence of Specs, and a transfer that shows whether a program keeps it.
package struct CheckCase: Sendable {
  package let name: String
  package let side: CheckedSide
  package let protocolName: TransferProtocol
  /// Unicast or TCP.
  package let mode: TransferMode
  package let profile: CheckProfile
  /// The page and its section, as in "chunked-udp.md §6.5".
  package let section: String
  /// As it stands there.
  package let sentence: String
  package let files: [CheckFile]
  package let rules: [CheckRule]
  package let expectation: CheckExpectation
  /// Over TCP: what the program hears is handed on in pieces of this length; nil: as it comes.
  package let pieceByteCount: Int?
  /// Over TCP: what happens to the bytes.
  package let streamRules: [StreamRule]

  init(
    _ name: String, _ side: CheckedSide, _ protocolName: TransferProtocol,
    in profile: CheckProfile = .minimal,
    _ section: String, _ sentence: String, files: [CheckFile], rules: [CheckRule] = [],
    expect expectation: CheckExpectation = .whole, mode: TransferMode = .unicast, pieceByteCount: Int? = nil,
    streamRules: [StreamRule] = []
  ) {
    self.name = name
    self.side = side
    self.protocolName = protocolName
    self.mode = mode
    self.pieceByteCount = pieceByteCount
    self.streamRules = streamRules
    self.profile = profile
    self.section = section
    self.sentence = sentence
    self.files = files
    self.rules = rules
    self.expectation = expectation
  }

  /// The files under their names.
  var contents: [String: [UInt8]] {
    Dictionary(files.map { ($0.name, $0.bytes) }, uniquingKeysWith: { first, _ in first })
  }

  /// The cases for a program of this side. `mode`: unicast or TCP; there are none for others.
  package static func all(
    _ side: CheckedSide, _ protocolName: TransferProtocol, _ mode: TransferMode = .unicast,
    _ profile: CheckProfile = .full
  ) -> [CheckCase] {
    let cases =
      switch (protocolName, side) {
      case _ where mode == .tcp: StreamCases.all.filter { $0.side == side && $0.protocolName == protocolName }
      case _ where mode.isGroup: [CheckCase]()
      case (.naive, .receiver): NaiveReceiverCases.all
      case (.naive, .sender): NaiveSenderCases.all
      case (.chunked, .receiver): ChunkedReceiverCases.all
      case (.chunked, .sender): ChunkedSenderCases.all
      }
    return cases.filter { profile.includes($0.profile) }
  }
}

/// What must be true when a case is over.
package enum CheckExpectation: Equatable, Sendable {
  /// Every file is at the receiver, with its bytes, and both programs end with 0.
  case whole
  /// The receiver has every file but these, and says by its exit code that it does not have all.
  case without([String])
  /// The receiver has no file, neither in its folder nor beside it, and its exit code is not 0.
  case nothing
  /// The same of a receiver, or it still waits for another sender.
  case refusal
  /// Naive: the receiver's images are the datagrams that were handed on, in their order, up to the first
  /// empty one. It ends with 0.
  case images
  /// Naive: the sender sends each file as a datagram, then one empty one, and ends with 0. `afterSeconds`:
  /// the empty one comes so much later, at least.
  case datagrams(afterSeconds: Double)
  /// Naive: the sender sends no datagram but images of files that UDP carries, and the end.
  case onlyImages

  /// Whether it is about files under their names.
  var isOfFiles: Bool {
    switch self {
    case .whole, .without, .nothing, .refusal: true
    case .images, .datagrams, .onlyImages: false
    }
  }
}

extension CheckCase {
  /// Gallery's packets when it sends: 20 bytes of IP, 8 of UDP, 32 of header, and a chunk of 1,000.
  static let packetByteCount = 1_060

  /// Whether Gallery's side can write a trace.
  var isTraced: Bool { protocolName == .chunked && mode != .tcp }
}
