import Dispatch
import FileSet
import Ground
import NIOCore
import Synchronization
import Trace

/// The sessions of a group's sender with single members, beside the group's, Specs/chunked-udp.md §6.14: each
/// is an ordinary unicast session with its own socket and its own rate, on a thread of its own.
final class SideSessions: Sendable {
  /// How the session of a member ended.
  struct Ending: Sendable {
    var result: Result<UDPSendReport, TransportError>
    var seconds: Double
  }

  private struct State {
    var isCancelled = false
    var senders: [UInt64: UDPSender] = [:]
    var endings: [UInt64: Ending] = [:]
    /// The members, in the order in which their sessions began.
    var order: [UInt64] = []
    var progress: [UInt64: TransferProgress] = [:]
    /// The group's session is over: what is told from now on is about these.
    var isGroupOver = false
  }

  private let set: ScannedSet
  private let options: UDPSendOptions
  private let tell: @Sendable (TransferEvent) -> Void
  private let state = Mutex(State())
  private let running = DispatchGroup()

  init(_ set: ScannedSet, _ options: UDPSendOptions, tell: @escaping @Sendable (TransferEvent) -> Void) {
    self.set = set
    self.options = options
    self.tell = tell
  }

  var runningCount: Int { state.withLock { $0.senders.count } }

  /// Begins the session of a member. `onEnd`: on its thread, when it has ended.
  func begin(
    _ receiverID: UInt64, sessionID: UInt64, at address: SocketAddress, joinSeconds: Double,
    onEnd: @escaping @Sendable (Ending) -> Void
  ) {
    let number = state.withLock {
      $0.order.append(receiverID)
      return $0.order.count
    }
    let sender = UDPSender(set, own(options, number: number, address))
    let isCancelled = state.withLock {
      $0.senders[receiverID] = sender
      return $0.isCancelled
    }
    if isCancelled { sender.cancel() }
    let beganAt = DispatchTime.now().uptimeNanoseconds
    DispatchQueue(label: "gallery.side").async(group: running) { [self] in
      let result: Result<UDPSendReport, TransportError>
      do throws(TransportError) {
        result = .success(
          try sender.serve(address, sessionID: sessionID, joinSeconds: joinSeconds) {
            self.hear($0, of: receiverID)
          })
      } catch { result = .failure(error) }
      let seconds = Double(DispatchTime.now().uptimeNanoseconds - beganAt) / 1e9
      let ending = Ending(result: result, seconds: seconds)
      state.withLock {
        $0.senders[receiverID] = nil
        $0.progress[receiverID] = nil
        $0.endings[receiverID] = ending
      }
      onEnd(ending)
    }
  }

  /// The options of one member's session: the group's, its key among them, without what is for groups alone.
  private func own(_ options: UDPSendOptions, number: Int, _ address: SocketAddress) -> UDPSendOptions {
    var own = options
    own.mode = .unicast
    (own.host, own.port) = (address.ipAddress ?? "", address.port ?? options.port)
    own.address = nil
    (own.parity, own.parityBlocks, own.oneWay) = (.auto, nil, nil)
    (own.receiverCount, own.joinSeconds, own.stragglerNanoseconds) = (nil, nil, nil)
    own.takeStart = nil
    own.trace = options.trace.labelled("unicast-\(number)")
    return own
  }

  /// How far the one is that has most left, once the group is whole.
  private func hear(_ event: TransferEvent, of receiverID: UInt64) {
    guard case .progress(let progress) = event else { return }
    let least = state.withLock { state -> TransferProgress? in
      state.progress[receiverID] = progress
      return state.isGroupOver
        ? state.progress.values.min { $0.fileBytesDone < $1.fileBytesDone } : nil
    }
    if let least { tell(.progress(least)) }
  }

  /// Ends them; those that begin later end at once.
  func cancel() {
    let senders = state.withLock {
      $0.isCancelled = true
      return Array($0.senders.values)
    }
    senders.forEach { $0.cancel() }
  }

  /// Returns when all have ended. The group's session is over.
  func wait() {
    state.withLock { $0.isGroupOver = true }
    running.wait()
  }

  /// How the member's session ended; nil when it had none, or while it runs.
  func ending(of receiverID: UInt64) -> Ending? { state.withLock { $0.endings[receiverID] } }

  /// The reports of the sessions that came about, in the order in which they began.
  var reports: [UDPSendReport] {
    state.withLock { state in state.order.compactMap { try? state.endings[$0]?.result.get() } }
  }
}
