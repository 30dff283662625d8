import ArgumentParser

struct ReceiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "receive",
    _superCommandName: Gallery.name,  // see NamedCommand
    abstract: "Receives one set of files into a folder, without a window.",
    discussion: """
      Without --mode, --port, --bind and --protocol the receiver listens to unicast, multicast, broadcast and TCP at \
      once, and senders without --to find it.

      Examples:
        gallery receive --into inbox
        gallery receive --room attic --name radish
        gallery receive --mode multicast --group 224.1.1.5 --into inbox
        gallery receive --code 'bado kilu mefa nopi rusa tegi'
        gallery receive --mode tcp --bind 10.1.1.34 --keep
        gallery receive --into inbox --no-resume      # begins anew, also after a session that was cut
        gallery receive --protocol naive --idle-timeout 20s
        gallery receive --into inbox --json-lines     # a script reads what happens
      """)

  @OptionGroup var options: ReceiveOptions
  private var planned = Planned<ReceivePlan>()

  mutating func validate() throws { planned.plan = try ReceivePlan(options) }

  func run() throws {
    let plan = try (planned.plan ?? ReceivePlan(options)).unlocked(options)
    let receiving = Receiving(plan, console: Console(isQuiet: plan.output.quiet))
    SignalTrap.install { receiving.cancel() }
    try receiving.tryOutInbox()
    let status = receiving.run()
    guard status == .whole else { throw status.exitCode }
  }
}
