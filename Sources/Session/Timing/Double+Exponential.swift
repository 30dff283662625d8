/// The logarithm and the exponential that the NACK backoff needs. The standard library has neither, and this
/// room imports no C library. Both are good to 1e-12 over the range used (tests compare them with libm).
extension Double {
  private static let ln2 = 0.693_147_180_559_945_309_4

  /// Natural logarithm of a positive, finite number, by x = m·2^e and ln m = 2·artanh((m − 1)/(m + 1)).
  package var naturalLogarithm: Double {
    let z = (significand - 1) / (significand + 1)  // significand in [1, 2): z in [0, 1/3]
    let square = z * z
    var power = z
    var sum = 0.0
    var k = 1.0
    while k < 40 {
      sum += power / k
      power *= square
      k += 2
    }
    return 2 * sum + Double(exponent) * Self.ln2
  }

  /// e to this power, −700...700, by halving it until its Taylor series is short and squaring back.
  package var exponential: Double {
    let reduced = self / 1024
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
