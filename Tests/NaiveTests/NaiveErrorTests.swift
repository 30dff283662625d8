import Ground
import Foundation
import Naive
import Testing

/// Every failure is one line that says what to do.
struct NaiveErrorTests {
  @Test(arguments: [
    (Route(mode: .multicast, host: "10.0.0.1"), "no multicast group"),
    (Route(mode: .unicast, host: "239.1.1.1"), "use the multicast mode"),
    (Route(mode: .tcp, host: "ff15::1%lo"), "use the multicast mode"),
    (Route(mode: .broadcast, host: "::1"), "IPv6 has no broadcast"),
    (
      Route(mode: .multicast, host: "239.1.1.1", interface: "nosuch0"),
      "no network interface “nosuch0”"
    ),
    (Route(mode: .unicast, host: "127.0.0.1", interface: "nosuch0"), "no network interface “nosuch0”"),
    (
      Route(mode: .broadcast, host: "127.255.255.255", interface: "nosuch0"),
      "no network interface “nosuch0”"
    ),
    (Route(mode: .tcp, host: "127.0.0.1", interface: "nosuch0"), "no network interface “nosuch0”"),
    (Route(mode: .unicast, host: "no.such.host.invalid"), "no address for host “no.such.host.invalid”"),
    (Route(mode: .tcp, host: "127.0.0.1"), "start the receiver first"),
    (Route(mode: .unicast, host: "255.255.255.255"), "broadcast mode"),
  ])
  func sendersSayWhatIsWrong(route: Route, words: String) async throws {
    let scratch = try Scratch()
    let files = try scratch.files(smallImages(1))
    let error = await #expect(throws: NaiveError.self) { _ = try await send(files, route.sending(to: 1)) }
    let line = try #require(error).description
    #expect(line.contains(words) && !line.contains("\n"), "\(line)")
  }

  @Test func receiversSayWhatIsWrong() async throws {
    let route = Route(mode: .tcp, host: "127.0.0.1")
    let owner = try await RunningReceiver(route.receiving(into: nil))
    let port = try #require(owner.port)
    let taken = await #expect(throws: NaiveError.self) {
      _ = try await RunningReceiver(route.receiving(into: nil, port: port))
    }
    #expect(taken?.description.contains("another program has this port") == true)
    owner.cancel()
    #expect(try await owner.report().outcome == .cancelled)
    for mode in TransferMode.allCases {
      let host = mode == .multicast ? "239.1.1.1" : "127.0.0.1"
      let unknown = await #expect(throws: NaiveError.self) {
        _ = try await RunningReceiver(
          Route(mode: mode, host: host, interface: "nosuch0").receiving(into: nil))
      }
      #expect(unknown?.description.contains("no network interface “nosuch0”") == true, "\(mode)")
    }
    let elsewhere = await #expect(throws: NaiveError.self) {
      _ = try await RunningReceiver(Route(mode: .unicast, host: "203.0.113.7").receiving(into: nil))
    }
    #expect(elsewhere?.description.contains("does not have that address") == true)
  }
}
