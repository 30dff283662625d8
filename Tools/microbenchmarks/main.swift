import Glibc

// microbenchmarks               median nanoseconds of each, over 15 samples
// microbenchmarks --once COUNT  COUNT repetitions of each, once: for an instruction counter (Tools/bench --instructions)
// microbenchmarks --list        name and unit of each, in the order in which they run

let benchmarks = CodecBenchmarks.all + MachineBenchmarks.all
let sampleCount = 15
/// A sample lasts at least so long, so that the clock's grain and the call around it do not count.
let sampleDuration = Duration.milliseconds(20)
var sink = Sink()

func sample(_ benchmark: Benchmark, count: Int) -> Duration {
  let body = benchmark.prepare(count)
  let clock = ContinuousClock()
  let start = clock.now
  sink.take(measuredRegion(body))
  return clock.now - start
}

func measure(_ benchmark: Benchmark) {
  var count = 1_000
  while sample(benchmark, count: count) < sampleDuration { count *= 2 }
  let samples = (0..<sampleCount).map { _ in sample(benchmark, count: count) / .nanoseconds(1) / Double(count)
  }
  .sorted()
  let name = benchmark.name + String(repeating: " ", count: max(1, 14 - benchmark.name.count))
  print("\(name) \(fixed(samples[sampleCount / 2])) ns a \(benchmark.unit)")
}

/// One digit after the point.
func fixed(_ value: Double) -> String {
  let tenths = Int((value * 10).rounded())
  return "\(tenths / 10).\(tenths % 10)"
}

let words = Array(CommandLine.arguments.dropFirst())
switch (words.first, words.count > 1 ? Int(words[1]) : nil) {
case (nil, _):
  for benchmark in benchmarks { measure(benchmark) }
case ("--once", let count?) where count > 0:
  for benchmark in benchmarks { sink.take(measuredRegion(benchmark.prepare(count))) }
case ("--list", _):
  for benchmark in benchmarks { print(benchmark.name) }
default:
  fputs("microbenchmarks: no such option; see the head of Tools/microbenchmarks/main.swift\n", stderr)
  exit(2)
}
// The results are used: nothing that led to them can be left out.
if words.first != "--list" { fputs("microbenchmarks: sum \(sink.sum)\n", stderr) }
