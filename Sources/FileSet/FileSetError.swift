import Wire
import Glibc
import Ground

/// Why a file set could not be read, sent, received or stored.
///
/// `description` is one line: what happened, where, and what to do. Names in it are escaped (`printable`), so
/// a name from the wire cannot write to the terminal.
package enum FileSetError: Error, Equatable, Sendable {
  // Scanning, at the sender.
  case noSuchFolder(path: String)
  case notAFolder(path: String)
  /// `hint`: what was found instead, or what to do.
  case noImages(path: String, hint: String)
  case noFiles(path: String, hint: String)
  case cannotRead(path: String, errno: Int32)
  case nameNotUTF8(path: String)
  case nameTooLong(name: String, byteCount: Int)
  case danglingLink(path: String)
  /// `kind`: the kind of item, as in "a pipe".
  case notRegular(path: String, kind: String)
  /// Two files of different folders whose names in the set are the same.
  case nameTwice(first: String, second: String)
  case namesCollide(first: String, second: String)
  case tooManyFiles(count: Int)
  case manifestTooLarge(byteCount: Int)
  case tooManyChunks(count: UInt64, chunkByteCount: Int, sufficientChunkByteCount: Int?)
  case fileChanged(name: String)

  // What the other side sent.
  case invalidAnnouncement(reason: String)
  case invalidManifest(reason: String)
  case identityMismatch(expected: String, computed: String)
  case checksumMismatch(name: String, expected: UInt32, computed: UInt32)
  case incomplete(name: String, missingChunkCount: UInt32)
  /// The bytes are not those that the sender signed, however often they were asked for.
  case notSigned(name: String)

  // Storing, at the receiver.
  case unsafeName(name: String, reason: String)
  case alreadyExists(name: String)
  case unusableInbox(path: String, step: InboxStep, errno: Int32)
  case cannotStore(path: String, errno: Int32)
  case diskFull(path: String, errno: Int32)
  case notEnoughSpace(path: String, neededByteCount: UInt64, availableByteCount: UInt64)
}

extension FileSetError {
  /// Whether the set is larger than the free space. A smaller set could be stored.
  package var isNoRoom: Bool { if case .notEnoughSpace = self { true } else { false } }

  /// Whether the disk or the quota is used up: with room there the same call succeeds.
  var isFullDisk: Bool {
    if case .diskFull(_, let errno) = self { errno == ENOSPC || errno == EDQUOT } else { false }
  }

  /// Whether the receiver's disk, quota or permissions are the reason (abort reason 5, complete status 2).
  package var isStorageFailure: Bool {
    switch self {
    case .unusableInbox, .cannotStore, .diskFull, .notEnoughSpace: true
    default: false
    }
  }
}

extension FileSetError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noSuchFolder, .notAFolder, .noImages, .noFiles, .cannotRead, .nameNotUTF8, .nameTooLong,
      .danglingLink, .notRegular, .nameTwice, .namesCollide, .tooManyFiles, .manifestTooLarge, .tooManyChunks,
      .fileChanged:
      senderDescription
    default:
      receiverDescription
    }
  }

  private var senderDescription: String {
    switch self {
    case .noSuchFolder(let path):
      "no such folder: \(path.printable); check the path"
    case .notAFolder(let path):
      "\(path.printable) is neither a folder nor a regular file; name a folder of images or one file"
    case .noImages(let path, let hint):
      "no images (*.jpg, *.jpeg) in \(path.printable); \(hint.printable)"
    case .noFiles(let path, let hint):
      "no files in \(path.printable); \(hint.printable)"
    case .cannotRead(let path, let errno):
      "cannot read \(path.printable): \(plainReason(errno)); change that or move it out of the folder"
    case .nameNotUTF8(let path):
      "the name \(path.printable) is not UTF-8; rename it, for example with convmv"
    case .nameTooLong(let name, let byteCount):
      "the name \(name.printable) has \(byteCount) bytes, more than the 4096 a path may have; shorten it"
    case .namesCollide(let first, let second):
      "\(second.printable) would be one file with \(first.printable), as letter case or Unicode form does not count "
        + "there; the sender must rename one"
    case .danglingLink(let path):
      "\(path.printable) is a link to a file that is not there; bring the file back or remove the link"
    case .notRegular(let path, let kind):
      "\(path.printable) is \(kind); only regular files are taken"
    case .nameTwice(let first, let second):
      "\(second.printable) would have the name of \(first.printable); send it by itself"
    case .tooManyFiles(let count):
      "\(count) files are more than the \(ManifestSize.fileCountLimit) one session carries; send them in parts"
    case .manifestTooLarge(let byteCount):
      "the manifest would have \(byteCount) bytes, more than \(ManifestSize.limit); send the set in parts"
    case .tooManyChunks(let count, let chunkByteCount, let sufficient):
      "the set has \(count) chunks of \(chunkByteCount) bytes, more than the 2^32 one session carries; "
        + (sufficient.map { "chunks of \($0) bytes (a larger --mtu) would do, or send it in parts" }
          ?? "send it in parts")
    case .fileChanged(let name):
      "\(name.printable) changed or was truncated while it was sent; send again when nothing writes to it"
    default: ""
    }
  }

  private var receiverDescription: String {
    switch self {
    case .invalidAnnouncement(let reason):
      "the sender announced an impossible set (\(reason)); check that both sides run the same version"
    case .invalidManifest(let reason):
      "the manifest is malformed (\(reason)); check that both sides run the same version"
    case .identityMismatch(let expected, let computed):
      "the manifest is not the announced one (announced \(expected), received \(computed)); send again"
    case .checksumMismatch(let name, let expected, let computed):
      "\(name.printable) arrived damaged (CRC32 \(computed.hexadecimal), sent \(expected.hexadecimal)); send it again"
    case .incomplete(let name, let count):
      "\(name.printable) did not arrive whole (missing chunks: \(count)); send it again"
    case .notSigned(let name):
      "\(name.printable) did not arrive as its sender signed it; send it again, and look for a forger on the network"
    case .unsafeName(let name, let reason):
      "refused the name \(name.printable) (\(reason)); the sender must rename it"
    case .alreadyExists(let name):
      "\(name.printable) exists already with other content and was kept; --overwrite replaces it"
    case .unusableInbox(let path, let step, let errno):
      // A file system of the kernel itself, as /proc, fails in this way.
      "no files can be put into \(path.printable): \(step.rawValue) failed, "
        + (step == .openFolder && errno == ENOENT ? "no folder can be made there" : plainReason(errno))
        + "; choose another --into folder"
    case .cannotStore(let path, let errno):
      "cannot store \(path.printable): \(plainReason(errno)); choose another --into folder"
    case .diskFull(let path, let errno):
      "no room for \(path.printable): \(plainReason(errno)); free space there or choose another --into folder"
    case .notEnoughSpace(let path, let needed, let available):
      "no room in \(path.printable): the set needs \(needed) bytes, \(available) are free; "
        + "free space there or choose another --into folder"
    default: ""
    }
  }
}
