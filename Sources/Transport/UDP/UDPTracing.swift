import Datagrams
import FileSet
import Ground
import Impairment
import NIOCore
import Network
import Session
import Trace
import Wire

/// Tells a `SessionTracer` what a UDP driver does: buffers, trains and socket addresses in, plain bytes out.
/// Handlers without one hold nil, and pay nothing.
final class UDPTracing {
  private let tracer: SessionTracer
  private var local: PacketEndpoint?
  /// The last remote address and its form in packets: there are few, one after the other.
  private var remote: (address: SocketAddress, endpoint: PacketEndpoint)?
  private var chunkCount: UInt64 = 0

  /// Nil when nothing is to be written. `local` is what the route says, where it is known already.
  init?(
    _ options: TraceOptions, role: TraceRole, name: String, local: SocketAddress?, now: Instant
  ) throws(TransportError) {
    guard !options.isNone else { return nil }
    do {
      tracer = try SessionTracer(options, role: role, name: name, now: now.nanoseconds)
    } catch { throw .trace(error) }
    self.local = local.flatMap(PacketEndpoint.init)
  }

  // MARK: Datagrams

  /// A datagram, or a train of them, that the session sends, before any impairment.
  func sent(_ train: ByteBuffer, segment: Int, now: Instant) {
    Self.each(train, segment: segment) { tracer.sent($0, at: now.nanoseconds) }
  }

  /// One that reached the session.
  func received(_ datagram: UnsafeRawBufferPointer, isOver: Bool, now: Instant) {
    tracer.received(datagram, isOver: isOver, at: now.nanoseconds)
  }

  /// One whose fate an impairment decided.
  func decided(_ verdict: Verdict, _ datagram: ByteBuffer, _ direction: TraceDirection, now: Instant) {
    guard let fate = verdict.fate else { return }
    datagram.withUnsafeReadableBytes { bytes in
      tracer.touched(bytes, direction, fate: fate)
      if case .dropped(let cause) = verdict {
        tracer.dropped(bytes, direction, cause: cause.word, at: now.nanoseconds)
      }
    }
  }

  /// What goes to the socket, and its ECN field.
  func written(
    _ train: ByteBuffer, segment: Int?, to address: SocketAddress, congestionField: UInt8 = 0,
    now: Instant
  ) {
    guard let remote = endpoint(address), let local = local(towards: address) else { return }
    Self.each(train, segment: segment) {
      tracer.captured(
        $0, from: local, to: remote, congestionField: congestionField, at: now.nanoseconds)
    }
  }

  /// What comes from the socket.
  func read(_ arrival: Arrival, now: Instant) {
    guard let sender = arrival.sender, let remote = endpoint(sender), let local = local(towards: sender)
    else { return }
    arrival.eachDatagram {
      tracer.captured(
        $0, from: remote, to: local, congestionField: arrival.congestionField, at: now.nanoseconds)
    }
  }

  private static func each(_ train: ByteBuffer, segment: Int?, _ body: (UnsafeRawBufferPointer) -> Void) {
    train.withUnsafeReadableBytes { $0.eachSegment(max(1, segment ?? $0.count), body) }
  }

  private func endpoint(_ address: SocketAddress) -> PacketEndpoint? {
    if let remote, remote.address == address { return remote.endpoint }
    guard let endpoint = PacketEndpoint(address) else { return nil }
    remote = (address, endpoint)
    return endpoint
  }

  /// Our own address: a socket bound to any address has the one that the route to the other end says.
  private func local(towards address: SocketAddress) -> PacketEndpoint? {
    guard let local, local.address.allSatisfy({ $0 == 0 }) else { return local }
    guard let source = try? Route.to(address).source, let endpoint = PacketEndpoint(source) else {
      return local
    }
    self.local = PacketEndpoint(address: endpoint.address, port: local.port)
    return self.local
  }

  // MARK: The session

  func started(_ session: TracedSession, now: Instant) {
    chunkCount = session.chunkCount
    tracer.started(session, at: now.nanoseconds)
  }

  /// A receiver knows its files once the manifest is here.
  func named(_ manifest: Manifest, _ layout: SetLayout, now: Instant) {
    tracer.named(TracedFile.all(manifest, layout), at: now.nanoseconds)
  }

  /// Chunks that came or went without a datagram that names them.
  func chunks(_ change: TracedChunkChange, _ ranges: [Range<UInt64>], now: Instant) {
    tracer.chunks(change, ranges, at: now.nanoseconds)
  }

  func phase(_ phase: SenderMachine.Phase, now: Instant) { tracer.phase(phase.word, at: now.nanoseconds) }
  func phase(_ phase: ReceiverMachine.Phase, now: Instant) { tracer.phase(phase.word, at: now.nanoseconds) }

  /// What the sender knows of a receiver after its report, or after its complete, which a report need not
  /// precede.
  func metrics(_ machine: SenderMachine, after message: ControlMessage, now: Instant) {
    guard let metrics = TracedMetrics(machine, after: message, chunkCount: chunkCount) else { return }
    tracer.metrics(metrics, at: now.nanoseconds)
  }

  /// The end of the trace: its last event, then the files are closed. What went wrong on the way, one line
  /// each.
  func end(outcome: TraceOutcome, reason: String?, now: Instant) -> [String] {
    tracer.ended(outcome: outcome, reason: reason, at: now.nanoseconds)
    return tracer.close().map(\.description)
  }
}

extension PacketEndpoint {
  /// Nil for what is not IP.
  init?(_ address: SocketAddress) {
    let bytes = address.addressBytes
    guard !bytes.isEmpty else { return nil }
    self.init(address: bytes, port: UInt16(clamping: address.port ?? 0))
  }
}

extension SenderMachine.Phase {
  fileprivate var word: String {
    switch self {
    case .announcing: "announcing"
    case .sending: "sending"
    case .ending: "ending"
    case .lingering: "lingering"
    case .ended: "ended"
    }
  }
}

extension ReceiverMachine.Phase {
  fileprivate var word: String {
    switch self {
    case .listening: "listening"
    case .receiving: "receiving"
    case .verifying: "verifying"
    case .completing: "completing"
    case .ended: "ended"
    }
  }
}

extension ReceiverMachine.Phase {
  /// How a session ended, as a trace says it.
  var traceOutcome: (outcome: TraceOutcome, reason: String?) {
    guard case .ended(let end) = self else { return (.closed, nil) }
    switch end {
    case .completed(let complete, let confirmed):
      return (
        complete.status == .whole ? .finished : .partial, confirmed ? nil : "the sender did not confirm it"
      )
    case .aborted(let reason, let text): return (.aborted, text.isEmpty ? reason.text : text)
    case .senderSilent: return (.senderSilent, nil)
    case .senderDone: return (.senderSilent, "the sender has sent all its rounds")
    case .senderStalled: return (.senderStalled, nil)
    case .cancelled(_, let text): return (.cancelled, text)
    }
  }
}

extension TracedFile {
  static func all(_ manifest: Manifest, _ layout: SetLayout) -> [TracedFile] {
    manifest.entries.prefix(limit).enumerated().map { file, entry in
      TracedFile(name: entry.name.printable, chunks: layout.chunks(ofFile: file))
    }
  }
}
