import Impairment
import Wire

/// A datagram in a simulation: the values that the machines take, without bytes. The large ones lie apart, so
/// that handing a chunk to a receiver copies little.
enum SimulatedDatagram: Sendable {
  case data(Chunk)
  indirect case parity(ParityHeader, DatagramHeader, byteCount: Int)
  indirect case control(ControlMessage, DatagramHeader, byteCount: Int)

  /// One chunk's data datagram.
  struct Chunk: Sendable {
    var sessionID: UInt64
    var packetNumber: UInt32
    var chunkIndex: UInt32
    var timestamp: UInt32
    var grttCode: GrttCode
    var isRepair: Bool
    /// UDP payload bytes.
    var byteCount: Int
  }
}
