extension Predictor {
  /// TCP may cut segments anywhere. Linux stays within this part of the predicted number.
  private static let segmentTolerance = 0.02

  /// One connection for each image, and one without data as the end marker.
  func naiveConnections() -> [PredictedLine] {
    let mss = UInt64(sizes.segmentByteCount)
    var data = LayerCounts.none
    for byteCount in set.imageByteCounts {
      data =
        data
        + sizes.segments((byteCount + mss - 1) / mss, payloadByteCount: byteCount, headerByteCount: sizes.tcp)
    }
    return connectionLines(count: UInt64(set.imageByteCounts.count) + 1, perCopy: "n + 1 connections")
      + [
        PredictedLine(
          .tcpData, data, tolerance: Self.segmentTolerance,
          formula:
            "per copy: Σ ⌈L ÷ MSS⌉ segments, MSS = \(sizes.mtuByteCount) − 20 − \(sizes.tcp) = \(mss); "
            + "B bytes and a header of \(sizes.tcp) each")
      ]
  }

  /// One connection for the whole set; Specs/chunked-tcp.md.
  func chunkedConnection() -> [PredictedLine] {
    let mss = UInt64(sizes.segmentByteCount)
    let stream = StreamSizes(set)
    let rest = stream.restByteCount
    let data = sizes.segments(
      [stream.helloByteCount, stream.manifestByteCount, rest].reduce(0) { $0 + ($1 + mss - 1) / mss },
      payloadByteCount: stream.helloByteCount + stream.manifestByteCount + rest, headerByteCount: sizes.tcp)
    return connectionLines(count: 1, perCopy: "1 connection")
      + [
        PredictedLine(
          .tcpData, data, tolerance: Self.segmentTolerance,
          formula:
            "per copy: 1 + ⌈M ÷ MSS⌉ + ⌈S ÷ MSS⌉ segments, MSS = \(mss): the hello of \(stream.helloByteCount) "
            + "bytes, M = \(stream.manifestByteCount) of the manifest, then S = \(rest) of frames (data, digests, end)"
        )
      ]
  }

  /// The segments that open and close connections. Their numbers are exact, because each has no data and is
  /// sent once.
  private func connectionLines(count: UInt64, perCopy: String) -> [PredictedLine] {
    func empty(_ packets: UInt64, _ header: Int) -> LayerCounts {
      sizes.segments(packets, payloadByteCount: 0, headerByteCount: header)
    }
    return [
      PredictedLine(
        .tcpSyn, empty(count, sizes.tcpSyn),
        formula: "per copy: \(perCopy), a SYN of \(sizes.tcpSyn) bytes each"),
      PredictedLine(.tcpSynAck, empty(count, sizes.tcpSyn), formula: "per copy: a SYN-ACK for each SYN"),
      PredictedLine(
        .tcpFin, empty(2 * count, sizes.tcp),
        formula: "per copy: 2 for each connection; a FIN that rides on a data segment is counted there"),
    ]
  }
}
