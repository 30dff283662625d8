import ArgumentParser
import Figures
import Impairment

struct ImpairmentsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "impairments",
    abstract:
      "Lists what --impair takes: settings, lists of datagrams, directions, and presets with their sources.",
    discussion: """
      Examples:
        gallery impairments
        gallery send images/small --to 10.1.1.34 --impair 'wifi; delay 20ms'
      """)

  @Flag(help: "Print the presets for machines.")
  var json = false

  private struct Preset: Encodable {
    let name: String
    let impairment: String
    let source: String
  }

  func run() {
    let presets = ImpairmentPreset.allCases.map {
      Preset(name: $0.rawValue, impairment: $0.impairment.description, source: $0.source)
    }
    if json { return OutputOptions().printJSON(presets) }
    print(Self.grammar)
    print("\nPresets, one direction each; other parts refine them, as in 'wifi; delay 20ms':\n")
    for preset in presets {
      print("  \(TextColumn.left(preset.name, 12))\(preset.impairment)\n              \(preset.source)")
    }
  }

  private static let grammar = """
    --impair takes parts joined by ';', in any order, each at most once:

      5%   loss 5%              each datagram is lost with this probability
      burst 5%,8                5 % lost, in runs of 8 on average (Gilbert)
      ge 2%,20%,0.1%,40%        Gilbert–Elliott: good to bad, bad to good, loss when good, loss when bad
      delay 20ms   jitter 5ms   later, and by up to 5 ms more
      dup 1%                    a second copy
      reorder 5%,10ms           held back by 10 ms, so that others overtake it
      corrupt 0.1%              one bit flipped
      truncate 5%               the end cut off: any length, but at least a byte stays
      rate 100Mbit; buffer 30ms   a bottleneck and its buffer (also 375kB)
      mark 5ms                  with a rate: a datagram that waits this long is marked, and not dropped (ECN)
      outage 2s,500ms           nothing passes for 500 ms, 2 s after the start
      drop datagram 17          by packet number, as drop:17,20-25
      drop the first NACK       by type and number, as drop:nack#1
      drop every end message    by type, as drop:end*
      (types: announce, join, data, parity, nack, notice, report, end, complete, close, abort)

    Units: times in ns, us, ms, s or min; rates in bit, kbit, Mbit or Gbit a second; sizes in B, kB, MB,
    GB, KiB, MiB or GiB.

    In front of it, which datagrams are meant; without it all, each way:

      out: loss 5%              those this side sends
      in: drop the first NACK   those that come in
      r2 out: loss 5%           send to several --to: only those to the second of them (or its name: '10.1.1.35 out: …')

    --impair and --drop may be given several times. In a group each receiver impairs what it hears itself, so that
    each can have a path of its own; give each a --seed of its own too, or they lose the same datagrams.
    What becomes of a datagram follows from the seed, the direction and its packet number, not from when it comes.
    """
}
