import Foundation
import Viewer

/// A table of the frames that a window drew, for measurements (`Tools/viewer-figures`).
final class FrameLog: @unchecked Sendable {  // only the window's thread writes
  private let file: UnsafeMutablePointer<FILE>

  /// Throws when the file cannot be written.
  init(path: String) throws {
    guard let file = fopen(path, "w") else {
      throw CocoaError(
        .fileWriteUnknown,
        userInfo: [
          NSFilePathErrorKey: path,
          NSUnderlyingErrorKey: POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO),
        ])
    }
    self.file = file
    fputs("nanoseconds,draw_nanoseconds,image,is_sharp,thumbnails\n", file)
  }

  deinit { fclose(file) }

  func add(_ frame: FrameReport) {
    fputs(
      "\(frame.startNanoseconds),\(frame.drawNanoseconds),\(frame.name ?? ""),\(frame.isSharp ? 1 : 0),"
        + frame.newThumbnails.map { "\($0.name):\($0.nanoseconds)" }.joined(separator: ";") + "\n", file)
    fflush(file)
  }
}
