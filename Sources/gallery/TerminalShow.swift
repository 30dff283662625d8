import Dispatch
import Glibc
import Synchronization
import Viewer

/// `show --terminal`: the newest image and the map of the chunks, drawn again and again where the window's
/// place would be. Where standard output is no terminal, it prints only how all stood at the end.
final class TerminalShow: Sendable {
  private let feed: GalleryFeed
  private let screen: TerminalScreen
  private let isEnded = Mutex(false)
  private let ended = DispatchSemaphore(value: 0)
  private static let intervalMicroseconds: UInt32 = 200_000

  private struct Drawn {
    var revision: UInt64?
    var part: ImagePart?
    var size = (columns: 0, rows: 0)
    var rowCount = 0
  }
  private let drawn = Mutex(Drawn())

  init(_ feed: GalleryFeed) {
    self.feed = feed
    screen = TerminalScreen()
  }

  /// Whether lines of other parts of the program would spoil the picture.
  var isLive: Bool { screen.isTerminal }

  /// Draws on a thread of its own until `end`.
  func start() {
    guard isLive else {
      ended.signal()
      return
    }
    DispatchQueue(label: "gallery.drawing").async { [self] in
      while !isEnded.withLock({ $0 }) {
        try? draw()
        usleep(Self.intervalMicroseconds)
      }
      ended.signal()
    }
  }

  /// Ends, and draws how it stands.
  func end() throws {
    isEnded.withLock { $0 = true }
    ended.wait()
    try draw()
    print("")
  }

  private func draw() throws(ViewerError) {
    let snapshot = feed.snapshot()
    let size = screen.size
    let imageRows = max(3, size.rows * 11 / 20)
    let entry = Self.newest(snapshot)
    var text = ""
    var rowCount = drawn.withLock { $0.rowCount }
    let isSame = drawn.withLock {
      $0.revision == entry?.revision && $0.part == entry?.item.part && $0.size == size && isLive
    }
    if !isSame {
      text += isLive ? "\u{1B}[H\u{1B}[2J" : ""
      text += Self.title(entry, snapshot, columns: size.columns) + (isLive ? "\u{1B}[K\r\n" : "\n")
      rowCount = 0
      if let entry {
        let picture = try screen.picture(of: entry.item, columns: size.columns, rows: imageRows)
        text += isLive ? picture.text : picture.text.replacing("\r\n", with: "\n")
        rowCount = picture.rowCount
      }
      drawn.withLock {
        $0 = Drawn(revision: entry?.revision, part: entry?.item.part, size: size, rowCount: rowCount)
      }
    }
    var lines: [String] = []
    if let delivery = snapshot.delivery, delivery.chunkCount > 0 {
      let mapRows = max(1, size.rows - rowCount - 5)
      lines += TerminalPicture.lines(
        of: delivery, columns: size.columns, rows: mapRows, hasColor: screen.hasColor, isSmall: true)
    }
    lines.append(DisplayText.shortened(DisplayText.oneLine(snapshot.status), to: size.columns))
    if isLive {
      text += "\u{1B}[\(rowCount + 2);1H"
      text += lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J"
    } else {
      text += (rowCount > 0 ? "\n" : "") + lines.joined(separator: "\n")
    }
    StandardStreams.product(text)
  }

  /// The image that became whole last; before there is one, the part of which most is here.
  private static func newest(_ snapshot: GalleryFeed.Snapshot) -> GalleryFeed.Entry? {
    snapshot.entries.lazy.filter { $0.item.part == nil }.max { $0.arrivedNanoseconds < $1.arrivedNanoseconds }
      ?? snapshot.entries.lazy.filter { ($0.item.part?.leadingByteCount ?? 0) > 0 }
      .max { ($0.item.part?.fraction ?? 0) < ($1.item.part?.fraction ?? 0) }
  }

  private static func title(
    _ entry: GalleryFeed.Entry?, _ snapshot: GalleryFeed.Snapshot, columns: Int
  ) -> String {
    guard let entry else {
      return snapshot.isFinished ? "No images arrived." : "Waiting for the first image…"
    }
    let facts = [
      entry.item.part?.text, entry.item.travel, "\(snapshot.wholeCount) of \(snapshot.entries.count) whole",
    ]
    let words = [entry.item.name] + facts.compactMap(\.self)
    return DisplayText.shortened(DisplayText.oneLine(words.joined(separator: " · ")), to: columns)
  }
}
