import GalleryTransfer

/// `share send HOST FOLDER` sends a folder to one host, and `share receive FOLDER` receives one. Ctrl-C ends
/// both.
@main
struct Share {
  static func main() async {
    let arguments = CommandLine.arguments.dropFirst()
    do {
      switch (arguments.first, arguments.count) {
      case ("send", 3): try await send(arguments[2], folder: arguments[3])
      case ("receive", 2): try await receive(into: arguments[2])
      default: print("usage: share send HOST FOLDER, or share receive FOLDER")
      }
    } catch { print("share: \(error)") }
  }

  private static func send(_ host: String, folder: String) async throws {
    for try await update in SendRequest([folder], to: .unicast(host: host)).start() {
      switch update {
      case .joined(let name, let address): print("\(name) at \(address) receives")
      case .progress(let state): print("\(Int(state.fraction * 100)) %")
      case .finished(let report):
        for receiver in report.receivers {
          print("\(receiver.name): \(receiver.failure ?? "\(receiver.verifiedFileCount) files verified")")
        }
      case .listening, .began, .lost, .received, .notice: break
      }
    }
  }

  private static func receive(into folder: String) async throws {
    for try await update in ReceiveRequest(into: folder).start() {
      switch update {
      case .notice(let line): print(line)
      case .received(let file): print("\(file.path), \(file.byteCount) bytes")
      case .finished(let report):
        print(report.problem ?? "\(report.verifiedFileCount) files from \(report.sender)")
      case .listening, .began, .joined, .lost, .progress: break
      }
    }
  }
}
