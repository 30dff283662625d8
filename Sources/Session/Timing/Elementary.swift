/// The logarithm and exponential that the NACK backoff needs. The standard library has neither, and this room
/// imports no C library; both are good to 1e-12 over the range used (tests compare with libm).
package enum Elementary {
  private static let ln2 = 0.693_147_180_559_945_309_4

  /// Natural logarithm of a positive, finite number, by x = m·2^e and ln m = 2·artanh((m − 1)/(m + 1)).
  package static func log(_ x: Double) -> Double {
    let z = (x.significand - 1) / (x.significand + 1)  // significand in [1, 2): z in [0, 1/3]
    let square = z * z
    var power = z
    var sum = 0.0
    var k = 1.0
    while k < 40 {
      sum += power / k
      power *= square
      k += 2
    }
    return 2 * sum + Double(x.exponent) * ln2
  }

  /// e to the x for |x| ≤ 700, by halving x until its Taylor series is short and squaring back.
  package static func exp(_ x: Double) -> Double {
    let reduced = x / 1024
    var term = 1.0
    var sum = 1.0
    var k = 1.0
    while k < 12 {
      term *= reduced / k
      sum += term
      k += 1
    }
    for _ in 0..<10 { sum *= sum }
    return sum
  }
}
