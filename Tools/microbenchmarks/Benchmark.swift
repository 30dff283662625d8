/// One thing that happens for every datagram, measured by itself.
struct Benchmark: Sendable {
  /// As people type it, and as Specs/instruction-counts.json has it.
  let name: String
  /// What one repetition is: "datagram", "chunk", "NACK of 100 ranges".
  let unit: String
  /// Sets up whatever is needed; the closure it returns does so many repetitions and returns something that
  /// depends on all of them, so that the optimiser cannot leave any out.
  let prepare: @Sendable (_ count: Int) -> () -> UInt64
}

/// All that is measured. The name is what `--toggle-collect` of callgrind looks for: it counts instructions
/// in here only.
@inline(never)
func measuredRegion(_ body: () -> UInt64) -> UInt64 { body() }
