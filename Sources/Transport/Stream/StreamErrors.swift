import FileSet
import Glibc
import NIOCore
import Network
import Wire

extension TransportError {
  /// Bytes of a peer that do not follow the protocol.
  init(_ error: StreamError, peer: String) {
    switch error {
    case .versionMismatch(let theirs): self = .versionMismatch(theirs: theirs)
    case .frameTooLong(nil, SealedStream.magicNumber, _):
      self = .keyMismatch(peer: peer, text: "uses a code or key: receive with --code or --key")
    case .cutShort: self = .connectionLost(peer: peer, reason: error.description)
    default: self = .protocolViolation(peer: peer, text: error.description)
    }
  }

  /// A connection that broke.
  init(broken error: any Error, peer: String) {
    switch error {
    case let error as TransportError: self = error
    case let error as IOError:
      self = .connectionLost(peer: peer, reason: String(errnoCode: error.errnoCode))
    default: self = .connectionLost(peer: peer, reason: String(describing: error))
    }
  }

  /// The abort that tells the other side; nil when it cannot or need not be told.
  var abort: StreamAbort? {
    switch self {
    case .peerRefused, .nobodyListening, .nobodyHasKey, .nobodyFound, .nobodySending, .otherSecret, .needsKey,
      .nobodyTrusted, .portInUse, .hostUnknown, .wrongKind, .pathTooNarrow, .network:
      nil
    case .connectionLost(_, let reason): StreamAbort(reason: .timeout, text: reason)
    case .protocolViolation(_, let text): StreamAbort(reason: .refused, text: text)
    case .versionMismatch(let theirs):
      StreamAbort(
        reason: .versionMismatch,
        text:
          "this side speaks protocol version \(StreamLimits.version), yours is \(theirs); use the same release "
          + "on both sides")
    case .busy, .receiverBusy, .allDropped: StreamAbort(reason: .refused, text: description)
    case .cancelled: StreamAbort(reason: .endedByUser, text: "ended by its user")
    case .fileSet(let error): StreamAbort(reason: error.abortReason, text: error.description)
    case .diskStayedFull: StreamAbort(reason: .tooSlow, text: "the disk here stayed full")
    case .keyMismatch: StreamAbort(reason: .refused, text: "this receiver wants a code or a key")
    case .system, .trace, .key: StreamAbort(reason: .internal, text: description)
    }
  }

  var outcome: TransferOutcome {
    switch self {
    case .nobodyListening, .nobodyHasKey, .nobodyFound, .nobodySending, .otherSecret, .needsKey,
      .nobodyTrusted,
      .portInUse, .hostUnknown, .wrongKind, .pathTooNarrow, .network:
      .unreachable
    case .connectionLost: .connectionLost
    case .cancelled: .endedByUser
    case .peerRefused(.cannotStore, _): .couldNotStore
    case .peerRefused(.versionMismatch, _), .versionMismatch: .versionMismatch
    case .peerRefused, .busy, .receiverBusy, .keyMismatch: .refused
    case .allDropped: .unreachable
    case .diskStayedFull: .leftBehind
    case .protocolViolation: .protocolViolation
    case .fileSet(let error): error.isStorageFailure ? .couldNotStore : .failed
    case .system, .trace, .key: .failed
    }
  }
}

extension FileSetError {
  /// What the other side is told when a session ends for this.
  var abortReason: AbortReason {
    switch self {
    case .fileChanged: .fileChanged
    case .cannotRead: .cannotRead
    case .unusableInbox, .cannotStore, .diskFull, .notEnoughSpace: .cannotStore
    case .tooManyFiles, .manifestTooLarge, .tooManyChunks: .limitExceeded
    default: .refused
    }
  }
}
