import Checksum
import Testing
import Wire

/// Specs/vectors/refused-*.hex: one datagram for each counter, and nothing else wrong with it.
@Suite struct RefusedVectorTests {
  @Test(arguments: [
    "truncated", "bad_magic", "unknown_version", "unknown_message_type", "unexpected_message_type",
    "checksum_mismatch", "trailing_bytes", "empty_range", "unordered_range", "beyond_sequence_space",
    "field_out_of_range", "invalid_text",
  ])
  func isCountedUnderItsReason(error: String) throws {
    let vector = try Vector("refused-" + error.replacing("_", with: "-"))
    #expect(try vector.text("error") == error)
    let found: WireError?
    if try vector.text("reader") == "sender" {
      do throws(WireError) {
        _ = try ControlMessage.decode(vector.bytes.span)
        found = nil
      } catch { found = error }
    } else {
      found = wireError(vector.bytes)
    }
    #expect(found?.name == error)
  }

  @Test(arguments: [8, 200, 300, 5_000])
  func identities(byteCount: Int) throws {
    let vector = try Vector("identities")
    let row = (0..<byteCount).map { UInt8(truncatingIfNeeded: 31 * $0 + 7) }
    #expect(row.prefix(32) == vector.bytes.prefix(byteCount))
    #expect(SetIdentity(of: row.span).description == (try vector.text("identity\(byteCount)")))
  }
}
