import Glibc

/// Which names of an inbox other living sessions have reserved by empty files (`WorkFolder.publish`).
///
/// An inbox may have a hundred thousand names. So it is not listed for each empty file, but only for one that
/// may be younger than the last list of its work folders.
struct ReservedNames {
  /// FAT rounds a time down to 2 s.
  private static let roundingNanoseconds: Int64 = 3_000_000_000

  private var workFolders: [String] = []
  /// They were in the inbox at this time of its file system's clock; nil when that is not known.
  private var listedAt: Int64?

  /// Whether an empty file is a name that a living session other than that of the folder `work` has reserved.
  /// The session's work folder and its claim are there before this file, and until its part is in the file's
  /// place. `status`: the file's.
  mutating func contains(_ status: stat, inbox: Int32, work: Int32) -> Bool {
    if !isOlderThanList(status) {
      listedAt = Self.now(in: work)
      workFolders = WorkFolder.names(in: inbox).filter { SafeName.isReserved($0) }
    }
    return workFolders.contains { WorkFolder.reserves(status.st_ino, $0, inbox: inbox, own: work) }
  }

  private func isOlderThanList(_ status: stat) -> Bool {
    guard let listedAt else { return false }
    let (latest, overflow) = listedAt.subtractingReportingOverflow(Self.roundingNanoseconds)
    return !overflow && status.changeTimeNanoseconds <= latest
  }

  /// The time that a new file gets. The clock of a shared folder is that of its server.
  private static func now(in folder: Int32) -> Int64? {
    let name = "now" + WorkFolder.partEnding
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
    let file = OwnedDescriptor(openat(folder, name, flags, 0o600))
    var status = stat()
    guard file.number >= 0 else { return nil }
    defer { _ = unlinkat(folder, name, 0) }
    return fstat(file.number, &status) == 0 ? status.changeTimeNanoseconds : nil
  }
}
