/// The same bytes for the same seed.
package func seededBytes(_ byteCount: Int, seed: UInt64) -> [UInt8] {
  var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
  return (0..<byteCount).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: state >> 40)
  }
}
