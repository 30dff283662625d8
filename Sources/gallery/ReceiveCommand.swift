import ArgumentParser

struct ReceiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receive",
    abstract: "Receives one set of files into a folder, without a window.",
    discussion: """
      Examples:
        gallery receive --into inbox
        gallery receive --mode multicast --group 224.1.1.5 --into inbox
        gallery receive --mode tcp --bind 10.1.1.34 --keep
        gallery receive --protocol naive --idle-timeout 20s
      """)

  @OptionGroup var options: ReceiveOptions

  func run() throws {
    let receiving = Receiving(options, console: Console(isQuiet: options.output.quiet))
    SignalTrap.install { receiving.cancel() }
    try receiving.tryOutInbox()
    let status = receiving.run()
    guard status == .whole else { throw status.exitCode }
  }
}
