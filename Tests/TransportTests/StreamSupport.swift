import Checksum
import FileSet
import Foundation
import Ground
import NIOPosix
import Synchronization
import Transport
import Wire

/// A folder of its own that goes with the test.
final class StreamScratch: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "gallery-stream-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Makes a folder with these files in it and returns its path.
  func folder(_ name: String, _ files: [String: [UInt8]] = [:]) throws -> String {
    let root = "\(path)/\(name)"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    for (name, bytes) in files {
      let url = URL(filePath: "\(root)/\(name)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url)
    }
    return root
  }

  /// The names in an inbox, without the work folders that are kept for a later session.
  static func names(_ inbox: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: inbox).filter { !$0.hasPrefix(".gallery-") }.sorted()
  }

  /// The work folders in an inbox.
  static func workFolders(_ inbox: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: inbox).filter { $0.hasPrefix(".gallery-") }
  }

  /// The files below a folder with their bytes; hidden ones too.
  static func contents(_ root: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: root) {
      var isFolder: ObjCBool = false
      let path = "\(root)/\(name)"
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
        continue
      }
      files[name] = Array(try Data(contentsOf: URL(filePath: path)))
    }
    return files
  }
}

let streamGroup = MultiThreadedEventLoopGroup.singleton

/// A receiver on a free port of the loopback interface.
func streamReceiver(
  _ inbox: String, bindHost: String = "127.0.0.1", _ change: (inout ReceiverOptions) -> Void = { _ in }
) throws -> StreamReceiver {
  var options = ReceiverOptions(port: 0, inbox: InboxOptions(path: inbox), hostName: "lab")
  options.bindHost = bindHost
  options.waitSeconds = 120
  change(&options)
  return try StreamReceiver(options, group: streamGroup)
}

func streamSender(
  _ folder: String, to ports: [Int], host: String = "127.0.0.1", idleSeconds: Double = 60,
  connectSeconds: Double = 120
) throws -> StreamSender {
  var options = StreamSendOptions()
  options.idleSeconds = idleSeconds
  options.connectSeconds = connectSeconds
  let set = try FileScanner.scan(folder, options: ScanOptions(allFiles: true, recursive: true))
  return StreamSender(
    set, to: ports.map { StreamDestination(host: host, port: $0) }, options: options, group: streamGroup)
}

/// The lines that a receiver tells people once it listens.
final class NoticeList: Sendable {
  private let found = Mutex<[String]>([])

  var lines: [String] { found.withLock { $0 } }

  @Sendable func hear(_ event: TransferEvent) {
    guard case .notice(let line) = event, !line.hasPrefix("listening") else { return }
    found.withLock { $0.append(line) }
  }
}

/// Frames as a sender might send them by hand.
struct HandmadeSet {
  let files: [(name: String, bytes: [UInt8])]
  let manifestBytes: [UInt8]

  init(_ files: [(name: String, bytes: [UInt8])]) throws {
    self.files = files
    manifestBytes = try Manifest(
      entries: files.map {
        ManifestEntry(
          byteCount: UInt64($0.bytes.count), modificationTimeNanoseconds: 1, mode: 0o644, name: $0.name)
      }
    ).encoded()
  }

  var hello: [UInt8] {
    StreamHello(
      sessionID: 77, identity: SetIdentity(of: manifestBytes.span),
      manifestByteCount: UInt32(manifestBytes.count), fileCount: UInt32(files.count),
      fileByteCount: UInt64(files.reduce(0) { $0 + $1.bytes.count })
    ).frame()
  }

  var manifest: [UInt8] { rawFrame(3, manifestBytes) }

  func data(_ file: Int, offset: Int = 0, byteCount: Int? = nil) -> [UInt8] {
    let bytes = files[file].bytes[offset...].prefix(byteCount ?? .max)
    var header = [UInt8](repeating: 0, count: StreamDataHeader.framedByteCount)
    header.withUnsafeMutableBytes {
      StreamDataHeader(file: UInt32(file), offset: UInt64(offset))
        .writeFramed(byteCount: bytes.count, into: $0)
    }
    return header + bytes
  }

  func digest(_ file: Int, damage: UInt32 = 0) -> [UInt8] {
    let checksum = files[file].bytes.withUnsafeBytes { CRC32.checksum($0) }
    return StreamDigest(file: UInt32(file), checksum: checksum ^ damage).frame()
  }

  var end: [UInt8] {
    StreamEnd(
      fileCount: UInt32(files.count), fileByteCount: UInt64(files.reduce(0) { $0 + $1.bytes.count })
    ).frame()
  }
}

/// A frame of any type and body.
func rawFrame(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
  withUnsafeBytes(of: UInt32(1 + body.count).bigEndian) { Array($0) } + [type] + body
}
