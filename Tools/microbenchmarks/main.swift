import Glibc

// Three ways to call it:
//
//     microbenchmarks                    prints the median nanoseconds of each, over 15 samples
//     microbenchmarks --once NAME COUNT  repeats one, for an instruction counter (Tools/bench --instructions)
//     microbenchmarks --list             prints their names

let benchmarks = CodecBenchmarks.all + ErasureBenchmarks.all + MachineBenchmarks.all
let sampleCount = 15
/// A sample lasts at least so long, so that the clock's grain and the call around it do not count.
let sampleDuration = Duration.milliseconds(20)

/// What one run took; its result goes into `sink`, so that it is used.
func sample(_ benchmark: Benchmark, count: Int, sink: inout UInt64) -> Duration {
  let body = benchmark.prepare(count)
  let clock = ContinuousClock()
  let start = clock.now
  sink &+= measuredRegion(body)
  return clock.now - start
}

func measure(_ benchmark: Benchmark, sink: inout UInt64) {
  var count = 1_000
  while sample(benchmark, count: count, sink: &sink) < sampleDuration { count *= 2 }
  var nanoseconds: [Double] = []
  for _ in 0..<sampleCount {
    nanoseconds.append(sample(benchmark, count: count, sink: &sink) / .nanoseconds(1) / Double(count))
  }
  let name = benchmark.name + String(repeating: " ", count: max(0, 14 - benchmark.name.count))
  print("\(name) \(fixed(nanoseconds.sorted()[sampleCount / 2])) ns a \(benchmark.unit)")
}

/// One digit after the point.
func fixed(_ value: Double) -> String {
  let tenths = Int((value * 10).rounded())
  return "\(tenths / 10).\(tenths % 10)"
}

func printError(_ text: String) {
  let line = Array("microbenchmarks: \(text)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
}

func run(_ words: [String]) -> Int32 {
  var sink: UInt64 = 0
  switch words.first {
  case nil:
    for benchmark in benchmarks { measure(benchmark, sink: &sink) }
  case "--list":
    for benchmark in benchmarks { print(benchmark.name) }
    return 0
  default:
    guard words.count == 3, words[0] == "--once", let count = Int(words[2]), count > 0,
      let benchmark = benchmarks.first(where: { $0.name == words[1] })
    else {
      printError("no such option or benchmark; see the head of Tools/microbenchmarks/main.swift")
      return 2
    }
    sink &+= measuredRegion(benchmark.prepare(count))
  }
  // Printed, so that nothing which led to the results can be left out.
  printError("sum of all results \(sink)")
  return 0
}

exit(run(Array(CommandLine.arguments.dropFirst())))
