import Dispatch
import Glibc
import Ground
import Impairment
import NIOCore
import Relay
import Synchronization

/// What stands between the two programs of a run.
protocol CaseRelay: AnyObject {
  /// Where the sender sends to, on 127.0.0.1.
  var port: Int { get }
  /// Ends it, and waits until its thread has ended.
  func end()
}

/// A relay on a thread of its own, which hands datagrams to a script.
final class CheckRelay: CaseRelay {
  private let relay: UDPRelay
  private let ended = DispatchSemaphore(value: 0)
  let port: Int

  /// Listens on 127.0.0.1, and hands on to `targetPort`. `pcapPath`: where the datagrams are recorded.
  init(to targetPort: Int, _ script: CheckScript, pcapPath: String?) throws(CheckError) {
    guard let listen = try? SocketAddress(ipAddress: "127.0.0.1", port: 0),
      let target = try? SocketAddress(ipAddress: "127.0.0.1", port: targetPort)
    else { throw .noPort(errno: EINVAL) }
    var options = RelayOptions(listen: listen, target: target, seed: 0) { _ in
      ImpairedRoundTrip(forward: .none, backward: .none)
    }
    options.pcapPath = pcapPath
    options.script = { datagram, isToTarget in script.copies(of: datagram, isFromSender: isToTarget) }
    do throws(RelayError) { relay = try UDPRelay(options) } catch { throw .relay(error) }
    let isListening = DispatchSemaphore(value: 0)
    let (relay, ended) = (relay, ended)
    let outcome = Outcome()
    DispatchQueue(label: "gallery.check.relay").async {
      do throws(RelayError) {
        _ = try relay.run { address in
          outcome.set(.success(address.port ?? 0))
          isListening.signal()
        }
      } catch {
        outcome.set(.failure(error))
        isListening.signal()
      }
      ended.signal()
    }
    isListening.wait()
    switch outcome.value {
    case .success(let port)?: self.port = port
    case .failure(let error)?: throw .relay(error)
    case nil: throw .noPort(errno: EINVAL)
    }
  }

  func end() {
    relay.cancel()
    ended.wait()
    ended.signal()
  }

  /// What the thread found, for the one that waits for it.
  private final class Outcome: Sendable {
    private let result = Mutex<Result<Int, RelayError>?>(nil)
    var value: Result<Int, RelayError>? { result.withLock { $0 } }
    func set(_ value: Result<Int, RelayError>) { result.withLock { $0 = $0 ?? value } }
  }
}
