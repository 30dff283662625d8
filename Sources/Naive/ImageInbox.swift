internal import Glibc

/// Stores the images of a receiver as `image-0000.jpg`, `image-0001.jpg`, … in the order of arrival, because
/// the protocol carries no names.
struct ImageInbox {
  private let directory: String
  private let isOverwriting: Bool
  private let firstNumber: Int

  /// Creates the directory (its parent must exist). Unless overwriting, refuses a directory that contains an
  /// image of the first name. Also tries to make a file, because the user should hear before a sender starts
  /// that nothing can be stored.
  init(_ settings: NaiveReceiveConfiguration.Inbox, directory: String) throws(NaiveError) {
    self.directory = directory
    isOverwriting = settings.isOverwriting
    firstNumber = settings.firstNumber
    if mkdir(directory, 0o777) != 0, errno != EEXIST {
      throw .cannotStore(path: directory, errno: errno)
    }
    let first = path(ofImage: 0)
    if !isOverwriting, access(first, F_OK) == 0 { throw .inboxOccupied(path: first) }
    _ = try begin(image: 0)  // its part file goes with it
  }

  private func path(ofImage index: Int) -> String {
    let digits = String(firstNumber + index)
    let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
    return "\(directory)/image-\(zeros)\(digits).jpg"
  }

  /// Starts a file for the image at this position. The file has its name only when it is complete.
  func begin(image index: Int) throws(NaiveError) -> PartialImage {
    try PartialImage(finalPath: path(ofImage: index), isOverwriting: isOverwriting)
  }
}

/// An image while it arrives: a `.part` file beside its final name. The part's name contains this process's
/// number, so that two receivers in one folder do not write to the same file. An unfinished part is removed
/// with this value.
final class PartialImage {
  private let finalPath: String
  private let partPath: String
  private let isOverwriting: Bool
  private var descriptor: Int32

  init(finalPath: String, isOverwriting: Bool) throws(NaiveError) {
    self.finalPath = finalPath
    self.isOverwriting = isOverwriting
    partPath = "\(finalPath).\(getpid()).part"
    descriptor = open(partPath, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .cannotStore(path: partPath, errno: errno) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(partPath)
  }

  /// Appends these bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws(NaiveError) {
    var rest = bytes
    while !rest.isEmpty {
      let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if written >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
      } else if errno != EINTR {
        throw .cannotStore(path: finalPath, errno: errno)
      }
    }
  }

  /// Gives the file its name and returns the name.
  func finish() throws(NaiveError) -> String {
    let isClosed = close(descriptor) == 0
    let closeError = errno
    descriptor = -1
    defer { unlink(partPath) }  // fails harmlessly once renamed
    guard isClosed else { throw .cannotStore(path: finalPath, errno: closeError) }
    if isOverwriting {
      guard rename(partPath, finalPath) == 0 else { throw .cannotStore(path: finalPath, errno: errno) }
    } else {
      try linkWithoutOverwriting()
    }
    return finalPath
  }

  /// `link` never replaces a file. Where the file system has no hard links, an empty file reserves the name,
  /// and the image is renamed over this file.
  private func linkWithoutOverwriting() throws(NaiveError) {
    if link(partPath, finalPath) == 0 { return }
    if errno == EEXIST { throw .inboxOccupied(path: finalPath) }
    let reserved = open(finalPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard reserved >= 0 else {
      throw errno == EEXIST
        ? .inboxOccupied(path: finalPath) : .cannotStore(path: finalPath, errno: errno)
    }
    close(reserved)
    if rename(partPath, finalPath) == 0 { return }
    let reason = errno
    unlink(finalPath)
    throw .cannotStore(path: finalPath, errno: reason)
  }
}
