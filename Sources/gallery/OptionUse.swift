import ArgumentParser
import Ground

/// Where an option of a transfer has an effect: in which modes of which protocol.
struct OptionUse: Sendable {
  /// Completes "--rate is for …".
  let words: String
  let chunked: [TransferMode]
  let naive: [TransferMode]

  private static let udp: [TransferMode] = [.unicast, .broadcast, .multicast]

  static let chunked = OptionUse(
    words: "the chunked protocol", chunked: TransferMode.allCases, naive: [])
  static let chunkedUDP = OptionUse(words: "the chunked protocol over UDP", chunked: udp, naive: [])
  static let chunkedGroup = OptionUse(
    words: "the chunked protocol in broadcast and multicast", chunked: [.broadcast, .multicast], naive: [])
  /// Their formats have no place for other datagrams than those of the chunked protocol.
  static let chunkedTrace = OptionUse(
    words: "the chunked protocol over UDP (tcpdump captures any other)", chunked: udp, naive: [])
  static let udpOnly = OptionUse(words: "UDP", chunked: udp, naive: udp)
  static let multicast = OptionUse(words: "--mode multicast", chunked: [.multicast], naive: [.multicast])
  static let naive = OptionUse(words: "--protocol naive", chunked: [], naive: TransferMode.allCases)
  /// A naive sender over TCP sends its end marker at once.
  static let allButNaiveTCP = OptionUse(
    words: "the chunked protocol, and for the naive one over UDP", chunked: TransferMode.allCases, naive: udp)

  func covers(_ mode: TransferMode, _ protocolName: TransferProtocol) -> Bool {
    modes(protocolName).contains(mode)
  }

  private func modes(_ protocolName: TransferProtocol) -> [TransferMode] {
    protocolName == .naive ? naive : chunked
  }

  /// The least change of mode and protocol with which the option has an effect.
  func remedy(_ mode: TransferMode, _ protocolName: TransferProtocol) -> String {
    let other: TransferProtocol = protocolName == .naive ? .chunked : .naive
    if !modes(protocolName).isEmpty { return Self.text(modes(protocolName)) }
    if modes(other).contains(mode) { return "--protocol \(other.rawValue)" }
    return "--protocol \(other.rawValue) and \(Self.text(modes(other)))"
  }

  /// "--mode unicast, broadcast or multicast".
  private static func text(_ modes: [TransferMode]) -> String {
    let names = modes.map(\.rawValue)
    let others = names.dropLast().joined(separator: ", ")
    return "--mode " + (others.isEmpty ? "" : "\(others) or ") + (names.last ?? "")
  }
}

/// An option that not every mode of every protocol uses, as one command line has it.
struct PartialOption {
  let name: String
  /// By the person: a default does not count.
  let isGiven: Bool
  let use: OptionUse

  init(_ name: String, _ isGiven: Bool, _ use: OptionUse) {
    self.name = name
    self.isGiven = isGiven
    self.use = use
  }

  /// Throws for the first option that is given and would do nothing: whoever gives an option expects
  /// something of it.
  static func refuseIdle(
    _ options: [PartialOption], mode: TransferMode, protocolName: TransferProtocol
  ) throws {
    for option in options where option.isGiven && !option.use.covers(mode, protocolName) {
      let remedy = option.use.remedy(mode, protocolName)
      throw ValidationError("\(option.name) is for \(option.use.words): leave it out, or choose \(remedy)")
    }
  }
}
