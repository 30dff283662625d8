import FileSet
import Ground

/// What people are told of a full disk.
enum StorageText {
  /// At the receiver. `error`: why the disk takes nothing; nil: it has room again.
  static func here(_ error: FileSetError?, missingKibibytes: UInt32) -> String {
    guard let error else { return "there is room again: going on" }
    return "\(error.description); \(missingKibibytes.kibibytesText) are missing, it goes on by itself then"
  }

  /// At the sender, of the receiver with this name. `missingKibibytes`: 0: it has room again.
  static func there(_ name: String, missingKibibytes: UInt32, isGroup: Bool = false) -> String {
    let others = isGroup ? "the others go on, and it does so" : "it goes on"
    return missingKibibytes == 0
      ? "\(name): its disk has room again"
      : "\(name): its disk is full, \(missingKibibytes.kibibytesText) are missing; \(others) when space is freed there"
  }
}

extension UInt32 {
  /// Of a number of KiB, for people.
  var kibibytesText: String {
    switch self {
    case ..<10_240: "\(self) KiB"
    case ..<10_485_760: "\(self >> 10) MiB"
    default: "\(self >> 20) GiB"
    }
  }
}
