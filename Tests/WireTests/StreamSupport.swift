import Checksum
import Foundation
import Wire

/// The bytes of Specs/vectors/tcp-NAME.hex.
func streamVector(_ name: String) throws -> [UInt8] {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let text = try String(contentsOf: root.appending(path: "Specs/vectors/tcp-\(name).hex"), encoding: .utf8)
  let lines = text.split(separator: "\n").drop { $0 != "bytes:" }.dropFirst()
  return lines.flatMap { line in
    line.prefix { $0 != "#" }.split(separator: " ").compactMap { UInt8($0, radix: 16) }
  }
}

/// What a parser finds in a connection's bytes, the pieces of manifest and files put together.
struct ParsedStream: Equatable {
  var events: [StreamEvent] = []
  var manifest: [UInt8] = []
  /// Bytes of each file in the order of their arrival.
  var files: [UInt32: [UInt8]] = [:]
  var error: StreamError?

  /// Parses `bytes` in pieces of `pieceByteCount`, then their end.
  init(_ bytes: [UInt8], pieceByteCount: Int = .max) {
    var parser = StreamFrameParser()
    var start = 0
    do throws(StreamError) {
      while start < bytes.count {
        let piece = Array(bytes[start..<min(bytes.count, start + min(pieceByteCount, bytes.count))])
        try take(piece, &parser)
        start += piece.count
      }
      try parser.checkEnd()
    } catch {
      self.error = error
    }
  }

  private mutating func take(_ piece: [UInt8], _ parser: inout StreamFrameParser) throws(StreamError) {
    var position = 0
    while let event = try parser.next(in: piece.span, from: &position) {
      switch event {
      case .manifestBytes(let range): manifest += piece[range]
      case .fileBytes(let header, let range):
        guard header.offset == UInt64(files[header.file, default: []].count) else {
          throw .malformed(.data, field: "offset")
        }
        files[header.file, default: []] += piece[range]
      default: events.append(event)
      }
    }
  }
}

/// A frame of any type and body.
func rawFrame(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
  let length = UInt32(1 + body.count)
  return withUnsafeBytes(of: length.bigEndian) { Array($0) } + [type] + body
}

/// A data frame.
func dataFrame(file: UInt32, offset: UInt64, _ bytes: [UInt8]) -> [UInt8] {
  var header = [UInt8](repeating: 0, count: StreamDataHeader.framedByteCount)
  header.withUnsafeMutableBytes {
    StreamDataHeader(file: file, offset: offset).writeFramed(byteCount: bytes.count, into: $0)
  }
  return header + bytes
}

/// One of each frame, as a sender or a receiver might send them.
enum StreamSamples {
  static let hello = StreamHello(
    sessionID: 0x0123_4567_89AB_CDEF,
    identity: SetIdentity(high: 0xDC47_FB23_3628_608E, low: 0x3E48_CC53_FF4D_1D97), manifestByteCount: 92,
    fileCount: 3, fileByteCount: 5_500)
  static let welcome = StreamWelcome(receiverID: 0x1122_3344_5566_7788, hostName: "lab-3")
  static let digest = StreamDigest(file: 2, checksum: 0xCBF4_3926)
  static let end = StreamEnd(fileCount: 3, fileByteCount: 5_500)
  static let complete = StreamComplete(
    verifiedFileCount: 2, failedFileCount: 1, status: .someFilesFailed, text: "b.jpg exists already")
  static let abort = StreamAbort(reason: .cannotStore, text: "disk full")
  static let report = StreamReport(fileByteCount: 3_000, verifiedFileCount: 1, missingKibibytes: 40)
  static let rest = StreamRest(
    isLast: true,
    runs: [StreamRun(file: 1, count: 1, offset: 1 << 32), StreamRun(file: 4, count: 3, offset: 0)])

  static let frames: [[UInt8]] = [
    hello.frame(), welcome.frame(), rawFrame(3, [1, 2, 3]), dataFrame(file: 0, offset: 0, [4, 5]),
    digest.frame(), end.frame(), complete.frame(), abort.frame(), report.frame(), rest.frame(),
    StreamReading().frame(),
  ]
  static let events: [StreamEvent] = [
    .hello(hello), .welcome(welcome), .digest(digest), .end(end), .complete(complete), .abort(abort),
    .report(report), .rest(rest), .reading,
  ]
}
