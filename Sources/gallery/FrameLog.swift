import Figures
import FileSet
import Glibc
import Network
import Viewer

/// A table of the frames that a window drew, for measurements (`Tools/viewer-figures`).
final class FrameLog: @unchecked Sendable {  // only the window's thread writes
  private let file: UnsafeMutablePointer<FILE>

  /// Throws when the file cannot be written.
  init(path: String) throws {
    guard let file = fopen(path, "we") else {
      throw FigureError.cannotWrite(path: path.printable, reason: String(errnoCode: errno))
    }
    self.file = file
    write("nanoseconds,draw_nanoseconds,image,is_sharp,thumbnails\n")
  }

  deinit { fclose(file) }

  func add(_ frame: FrameReport) {
    write(
      "\(frame.startNanoseconds),\(frame.drawNanoseconds),\(frame.name ?? ""),\(frame.isSharp ? 1 : 0),"
        + frame.newThumbnails.map { "\($0.name):\($0.nanoseconds)" }.joined(separator: ";") + "\n")
  }

  private func write(_ line: String) {
    var line = line
    line.withUTF8 { _ = fwrite($0.baseAddress, 1, $0.count, file) }
    fflush(file)
  }
}
