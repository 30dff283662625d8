import Datagrams
import Ground
import Impairment
import NIOCore
import Network
import Trace

/// The capture and the drop trace of a relay, when they are wanted.
final class RelayRecords {
  private let tracer: SessionTracer?
  private let clock = SessionClock()
  private let target: PacketEndpoint

  init(_ options: RelayOptions) throws(RelayError) {
    let wanted = TraceOptions(pcapPath: options.pcapPath, dropTracePath: options.dropTracePath)
    do throws(TraceError) {
      tracer =
        wanted.isNone
        ? nil : try SessionTracer(wanted, role: .sender, name: "relay", now: clock.now.nanoseconds)
    } catch { throw .trace(error) }
    target = Self.endpoint(options.target)
  }

  /// What became of a datagram. `outgoing` leads to the target.
  func note(_ datagram: UnsafeRawBufferPointer, _ verdict: Verdict, isToTarget: Bool) {
    guard let tracer, let fate = verdict.fate else { return }
    tracer.touched(datagram, isToTarget ? .outgoing : .incoming, fate: fate)
  }

  /// A datagram that was handed on, with the addresses of the two programs.
  func captured(
    _ datagram: [UInt8], congestionField: UInt8, client: SocketAddress, isToTarget: Bool
  ) {
    guard let tracer else { return }
    let client = Self.endpoint(client)
    datagram.withUnsafeBytes {
      tracer.captured(
        $0, from: isToTarget ? client : target, to: isToTarget ? target : client,
        congestionField: congestionField, at: clock.now.nanoseconds)
    }
  }

  private static func endpoint(_ address: SocketAddress) -> PacketEndpoint {
    PacketEndpoint(address: address.addressBytes, port: UInt16(clamping: address.port ?? 0))
  }

  /// Throws the first error of writing.
  func close() throws(RelayError) {
    if let error = tracer?.close().first { throw .trace(error) }
  }
}
