#if Viewer
import Glibc
import Synchronization

/// What to decode, and for which place on the screen.
struct DecodeRequest: Sendable, Equatable {
  var entry: GalleryFeed.Entry
  /// The place in pixels the picture is fitted into.
  var box: PixelSize
  /// For the grid, or as a blurry picture of an image.
  var isThumbnail = false
  /// The small picture that a camera put into the file is enough for a moment.
  var isPreviewEnough = false

  var key: PictureCache.Key { PictureCache.Key(revision: entry.revision, isThumbnail: isThumbnail) }

  /// A renamed file is the same request: the path does not count.
  static func == (one: DecodeRequest, other: DecodeRequest) -> Bool {
    one.key == other.key && one.box == other.box && one.isPreviewEnough == other.isPreviewEnough
      && one.entry.item.part == other.entry.item.part
  }
}

/// Two threads that read and decode, so that the window's thread never waits for a file.
///
/// The window repeats its list of wanted pictures, most urgent first. Requests that are no longer in the list
/// are forgotten. There are two threads, so that a file which takes long does not delay all others.
final class DecodeWorkers: Sendable {
  private struct State {
    var wanted: [DecodeRequest] = []
    var running: [DecodeRequest] = []
    var results: [(DecodeRequest, Picture)] = []
    var arriving = ArrivingJPEGs()
    var isStopped = false

    /// The most urgent request. Two pictures of one image are decoded one after the other, because the second
    /// goes on where the first ended.
    mutating func next() -> DecodeRequest? {
      guard !isStopped,
        let index = wanted.firstIndex(where: { one in !running.contains { $0.key == one.key } })
      else { return nil }
      running.append(wanted[index])
      return wanted.remove(at: index)
    }
  }

  private let state = Mutex(State())
  private let workAvailable: Semaphore
  private let currentPath: @Sendable (GalleryFeed.Entry) -> String?
  private let resultReady: @Sendable () -> Void

  /// Starts the threads. `resultReady` is called on one of them after each result.
  init(
    currentPath: @escaping @Sendable (GalleryFeed.Entry) -> String?,
    resultReady: @escaping @Sendable () -> Void
  ) throws(ViewerError) {
    self.currentPath = currentPath
    self.resultReady = resultReady
    workAvailable = Semaphore()
    for _ in 0..<2 { try startThread() }
  }

  /// Replaces the list of wanted pictures. A request that is being decoded, or whose result waits, is not
  /// repeated.
  func want(_ requests: [DecodeRequest]) {
    let count = state.withLock { state in
      state.wanted = requests.filter { request in
        !state.running.contains(request) && !state.results.contains { $0.0 == request }
      }
      return state.wanted.count
    }
    for _ in 0..<count { workAvailable.signal() }
  }

  /// Whether nothing is decoded or waits for it.
  var isIdle: Bool { state.withLock { $0.wanted.isEmpty && $0.running.isEmpty && $0.results.isEmpty } }

  /// The results since the last call.
  func takeResults() -> [(DecodeRequest, Picture)] {
    state.withLock { state in
      defer { state.results = [] }
      return state.results
    }
  }

  /// Ends the threads. A thread that is decoding ends when it has finished, and no other thread waits for it.
  func stop() {
    state.withLock {
      $0.isStopped = true
      $0.wanted = []
    }
    workAvailable.signal()
    workAvailable.signal()
  }

  private func work() {
    while true {
      workAvailable.wait()
      let (request, isStopped) = state.withLock { ($0.next(), $0.isStopped) }
      if isStopped { return }
      if let request, !serve(request) { return }
    }
  }

  /// Decodes one request. Returns false if the threads were stopped meanwhile.
  private func serve(_ request: DecodeRequest) -> Bool {
    let revision = request.entry.revision
    var arriving = request.isThumbnail ? state.withLock { $0.arriving.take(revision) } : nil
    let picture =
      request.isThumbnail
      ? ImageLoader.loadThumbnail(
        request.entry, box: request.box, isPreviewEnough: request.isPreviewEnough, arriving: &arriving,
        currentPath: currentPath)
      : ImageLoader.load(request.entry, box: request.box, currentPath: currentPath)
    let (isStopped, isMoreWanted) = state.withLock { state in
      state.running.removeAll { $0 == request }
      if !state.isStopped { state.results.append((request, picture)) }
      if let arriving { state.arriving.keep(arriving, revision) }
      return (state.isStopped, !state.wanted.isEmpty)
    }
    if isStopped { return false }
    if isMoreWanted { workAvailable.signal() }
    resultReady()
    return true
  }

  private func startThread() throws(ViewerError) {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<DecodeWorkers>.fromOpaque(argument).takeRetainedValue().work() }
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      context.release()
      throw .graphicsFailed(action: "start a decoding thread", reason: String(cString: strerror(status)))
    }
    pthread_detach(thread)
  }
}
#endif
