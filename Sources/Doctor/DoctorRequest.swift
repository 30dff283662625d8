package import Ground

/// The question to the doctor: will this mode work on this host?
package struct DoctorRequest: Sendable {
  package var mode: TransferMode
  /// Receiver, broadcast address or group; nil: this host receives from any sender.
  package var host: String?
  /// Name or address; nil: the route decides.
  package var interface: String?
  /// UDP or TCP port, 1 ... 65,535.
  package var port: Int
  package var protocolName: TransferProtocol

  package init(
    mode: TransferMode, host: String?, interface: String? = nil, port: Int = 25_000,
    protocolName: TransferProtocol = .chunked
  ) {
    self.mode = mode
    self.host = host
    self.interface = interface
    self.port = port
    self.protocolName = protocolName
  }

  /// The option for a command line; empty when the route decides.
  var interfaceOption: String { interface.map { " --interface \($0)" } ?? "" }
}
