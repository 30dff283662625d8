/// The order in which people count: "photo 2" before "photo 10". Every list of pictures for people has this
/// order.
///
/// A run of ASCII digits counts as one number of any length. Upper and lower case of ASCII letters are equal.
/// "/" comes before everything, so that a folder's images stay together. Names that are equal by these rules
/// are ordered by their bytes. So the order is total, and the same on every host.
package enum NaturalOrder {
  /// Whether `one` comes before `other`.
  package static func isAscending(_ one: String, _ other: String) -> Bool {
    var one = one
    var other = other
    return one.withUTF8 { left in
      other.withUTF8 { right in
        let order = compare(left, right)
        return order == 0 ? left.lexicographicallyPrecedes(right) : order < 0
      }
    }
  }

  /// Negative when `left` comes first, positive when `right` comes first.
  private static func compare(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int
  {
    var leftOffset = 0
    var rightOffset = 0
    while leftOffset < left.count, rightOffset < right.count {
      if isDigit(left[leftOffset]), isDigit(right[rightOffset]) {
        let order = compareNumbers(number(in: left, &leftOffset), number(in: right, &rightOffset))
        if order != 0 { return order }
      } else {
        let order = weight(left[leftOffset]) - weight(right[rightOffset])
        if order != 0 { return order }
        leftOffset += 1
        rightOffset += 1
      }
    }
    return (left.count - leftOffset) - (right.count - rightOffset)
  }

  /// The digits from `offset` on without leading zeros. `offset` is moved behind them.
  private static func number(in bytes: UnsafeBufferPointer<UInt8>, _ offset: inout Int) -> Slice<
    UnsafeBufferPointer<UInt8>
  > {
    let digits = bytes[offset...].prefix(while: isDigit)
    offset = digits.endIndex
    return digits.drop { $0 == UInt8(ascii: "0") }
  }

  /// The number with more digits is the greater one. No arithmetic is needed, so a number may have any
  /// length.
  private static func compareNumbers(
    _ left: Slice<UnsafeBufferPointer<UInt8>>, _ right: Slice<UnsafeBufferPointer<UInt8>>
  ) -> Int {
    if left.count != right.count { return left.count - right.count }
    return left.elementsEqual(right) ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private static func weight(_ byte: UInt8) -> Int {
    switch byte {
    case UInt8(ascii: "/"): -1
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte) + 32
    default: Int(byte)
    }
  }
}
