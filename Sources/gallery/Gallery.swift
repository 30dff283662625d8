import ArgumentParser

@main
struct Gallery: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gallery",
    abstract: "Sends a directory of images to one host or to a room full of hosts, and shows them there.",
    discussion: """
      A transfer in two commands, first the receiver, then the sender:

        gallery show                     (or: gallery receive --into inbox)
        gallery send images/large --to 10.1.1.34

      Exit codes:
          0  every receiver verified every file
          2  a file or folder could not be read, or could not be stored
          3  somebody did not get every file, or it was not said that they did
          4  a file arrived damaged
          5  nobody was listening
          6  network: port in use, host unknown, no sender came within --wait
          7  there is no display to open a window on
          8  the accounting of the run does not balance: its numbers cannot be trusted
         64  wrong usage
        130  ended by the user (Ctrl-C)
      """,
    version: "gallery 0.1 (chunked protocol 1)",
    subcommands: [
      SendCommand.self, ReceiveCommand.self, ShowCommand.self, ViewCommand.self, CompareCommand.self,
      StudyCommand.self, AccountCommand.self, TraceCommand.self, ImpairmentsCommand.self, DoctorCommand.self,
    ])
}
