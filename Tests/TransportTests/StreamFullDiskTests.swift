import Foundation
import Glibc
import Ground
import TestSupport
import Testing
import Transport
import Wire

/// A receiver over TCP whose file system, a small one of the test's own, is full. Needs the right to mount.
@Suite(.enabled(if: geteuid() == 0)) final class StreamFullDiskTests {
  private let scratch: StreamScratch
  private let inbox: String
  private let old = ("b", seededBytes(100_000, seed: 2))
  private let new = ("a/c", seededBytes(50_000, seed: 1))

  init() throws {
    scratch = try StreamScratch()
    inbox = try scratch.folder("inbox")
    try #require(mount("none", inbox, "tmpfs", 0, "size=1m,nr_inodes=20") == 0, "mount refused: \(errno)")
  }

  deinit { umount2(inbox, 2) }  // MNT_DETACH

  /// Takes all names that the file system has left, or frees them.
  private func takeNames() {
    for number in 0..<64 { close(open("\(inbox)/hog\(number)", O_WRONLY | O_CREAT, 0o600)) }
  }

  private func freeNames() { for number in 0..<64 { unlink("\(inbox)/hog\(number)") } }

  private func changeFirstByte(of name: String) {
    let descriptor = open("\(inbox)/\(name)", O_RDWR)
    var byte: UInt8 = 0
    #expect(pread(descriptor, &byte, 1, 0) == 1)
    byte ^= 1
    #expect(pwrite(descriptor, &byte, 1, 0) == 1)
    close(descriptor)
  }

  /// A session of a set, by hand: `talk` says what comes behind the manifest, and returns what it heard.
  /// `isFull`: no name is left when the manifest arrives.
  private func session(
    _ set: HandmadeSet, isFull: Bool = false, _ talk: (StreamRawPeer) -> [StreamEvent]
  ) async throws -> ([StreamEvent], StreamReceiveReport) {
    let receiver = try streamReceiver(inbox) {
      $0.inbox.recordsPath = "\(scratch.path)/records"
      $0.inbox.verifies = true
      $0.inbox.overwrite = true
    }
    defer { receiver.close() }
    let receiving = onThread { try receiver.run() }
    let peer = try #require(StreamRawPeer.connect(port: receiver.port))
    peer.send(set.hello)
    _ = peer.events { $0.type == .welcome }
    if isFull { takeNames() }
    peer.send(set.manifest)
    let heard = talk(peer)
    peer.endSending()
    return (heard, try await receiving.value.get())
  }

  private static func isFull(_ event: StreamEvent) -> Bool {
    if case .report(let report) = event { report.missingKibibytes > 0 } else { false }
  }

  /// A whole file of the session before finds no room for its folder. A file behind it changes in the
  /// meantime: what is lacking is not known before both were compared.
  @Test func nothingIsAskedForBeforeThereIsRoom() async throws {
    let earlier = try HandmadeSet([old])
    let (_, first) = try await session(earlier) { peer in
      peer.send(earlier.data(0) + earlier.digest(0) + earlier.end)
      return peer.events { $0.type == .complete }
    }
    #expect(first.outcome == .whole)

    let set = try HandmadeSet([new, old])
    let (rest, second) = try await session(set) { peer in
      let rest = peer.events { $0.type == .rest }
      peer.send(set.data(0, byteCount: 40_000))
      _ = peer.events { if case .report(let report) = $0 { report.fileByteCount == 140_000 } else { false } }
      takeNames()
      peer.send(set.data(0, offset: 40_000) + set.digest(0))
      _ = peer.events(until: Self.isFull)
      return rest
    }
    #expect(rest.last == .rest(StreamRest(isLast: true, runs: [StreamRun(file: 0, count: 1, offset: 0)])))
    #expect(second.arePartsKept)
    freeNames()

    let (events, third) = try await session(set, isFull: true) { peer in
      let waiting = peer.events(until: Self.isFull)
      changeFirstByte(of: "b")
      freeNames()
      let answer = peer.events { $0.type == .rest }
      let end = StreamEnd(fileCount: 1, fileByteCount: UInt64(old.1.count)).frame()
      peer.send(set.data(1) + set.digest(1) + end)
      return waiting + answer + peer.events { $0.type == .complete }
    }
    let rests = events.filter { $0.type == .rest }
    #expect(rests == [.rest(StreamRest(isLast: true, runs: [StreamRun(file: 1, count: 1, offset: 0)]))])
    #expect(third.outcome == .whole && third.verifiedFileCount == 2, "\(third)")
    let files = try StreamScratch.contents(inbox).filter { !$0.key.hasPrefix(".") }
    #expect(files == ["a/c": new.1, "b": old.1])
  }
}
