import Impairment
import Wire

/// A datagram in a simulation: the values that the machines take, without bytes.
enum SimulatedDatagram {
  case data(Chunk)
  case parity(ParityHeader, DatagramHeader, byteCount: Int)
  case control(ControlMessage, DatagramHeader, byteCount: Int)

  /// One chunk's data datagram.
  struct Chunk {
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
