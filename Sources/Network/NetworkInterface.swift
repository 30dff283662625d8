internal import Glibc
package import NIOCore

/// One network interface of this host.
package struct NetworkInterface: Equatable, Sendable {
  package var name: String
  package var index: Int

  /// The interface that has this name or address.
  package static func named(_ name: String) throws(NetworkError) -> NetworkInterface {
    let devices = (try? System.enumerateDevices()) ?? []
    if let device = devices.first(where: { $0.name == name || $0.address?.ipAddress == name }) {
      return NetworkInterface(name: device.name, index: device.interfaceIndex)
    }
    var seen = Set<String>()
    throw .noSuchInterface(name, available: devices.map(\.name).filter { seen.insert($0).inserted })
  }

  /// The interface with this number; nil when it is gone.
  package static func numbered(_ index: Int) -> NetworkInterface? {
    let name = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { name in
      name.baseAddress.flatMap { if_indextoname(UInt32(clamping: index), $0) }.map { String(cString: $0) }
    }
    return name.map { NetworkInterface(name: $0, index: index) }
  }

  /// The interface that has this address of our host.
  package static func holding(_ address: SocketAddress) -> NetworkInterface? {
    let devices = (try? System.enumerateDevices()) ?? []
    return devices.first { $0.address?.ipAddress == address.ipAddress }.map {
      NetworkInterface(name: $0.name, index: $0.interfaceIndex)
    }
  }
}
