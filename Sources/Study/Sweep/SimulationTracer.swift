import Ground
import Session
import Simulation
import Trace
import Transport
import Wire

/// Writes a simulated session as the qlog that its sender would write: `gallery trace` reads both alike. The
/// messages are encoded as on the wire; the payloads of chunks, which a simulation has not, are zeros.
final class SimulationTracer {
  private let tracer: SessionTracer
  private let sessionID: UInt64
  private let chunkCount: UInt64

  init(path: String, scenario: Scenario, session: TracedSession) throws(TraceError) {
    tracer = try SessionTracer(TraceOptions(qlogPath: path), role: .sender, name: "simulation", now: 0)
    sessionID = scenario.sessionID
    chunkCount = session.chunkCount
    tracer.started(session, at: 0)
  }

  var observer: SenderObserver {
    SenderObserver(
      sent: { [self] in tell($0, at: $1) },
      received: { [self] message, header, machine, now in
        let bytes = message.encode(
          sessionID: sessionID, packetNumber: header.packetNumber, flags: header.flags)
        bytes.withUnsafeBytes { tracer.received($0, at: now.nanoseconds) }
        guard let metrics = TracedMetrics(machine, after: message, chunkCount: chunkCount) else { return }
        tracer.metrics(metrics, at: now.nanoseconds)
      })
  }

  private func tell(_ sent: SenderObserver.Sent, at now: Instant) {
    var bytes: [UInt8]
    switch sent {
    case .control(let message, let flags, let packetNumber):
      bytes = message.encode(sessionID: sessionID, packetNumber: packetNumber, flags: flags)
    case .data(let packetNumber, let chunkIndex, let isRepair, let byteCount):
      // A trace reads the header alone, so that the payload's checksum need not be right.
      bytes = [UInt8](repeating: 0, count: byteCount)
      bytes.withUnsafeMutableBytes {
        DataHeader.write(
          into: $0, sessionID: sessionID, packetNumber: packetNumber, flags: isRepair ? .repair : [],
          chunkIndex: chunkIndex, timestamp: now.timestamp, grttCode: GrttCode(nanoseconds: 0),
          payloadChecksum: 0)
      }
    case .parity(let parity, let packetNumber, let byteCount):
      bytes = [UInt8](repeating: 0, count: byteCount)
      bytes.withUnsafeMutableBytes {
        parity.write(
          into: $0, sessionID: sessionID, packetNumber: packetNumber, flags: .repair, payloadChecksum: 0)
      }
    }
    bytes.withUnsafeBytes { tracer.sent($0, at: now.nanoseconds) }
  }

  /// Ends the trace; throws what could not be written.
  func close(_ result: SimulationResult) throws(TraceError) {
    tracer.ended(
      outcome: result.senderEnd == .finished ? .finished : .closed, reason: nil, at: result.endNanoseconds)
    if let error = tracer.close().first { throw error }
  }
}
