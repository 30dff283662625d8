import ArgumentParser
import Ground

/// What `receive` and `show` have in common.
package struct ReceiveOptions: ParsableArguments {
  @Option(
    help:
      """
      unicast (UDP), broadcast, multicast or tcp. Without --mode, --port, --bind and --group: all of them \
      at once, and senders without --to find this receiver.
      """
  )
  var mode: TransferMode?
  @Option(name: .customLong("protocol"), help: "chunked, or naive as a first networking course writes it.")
  var protocolName: TransferProtocol = .chunked
  @Option(help: "Address to listen at; without it all of this host's. Multicast: --group is the address.")
  var bind: String?
  @Option(help: "UDP or TCP port; 0 takes a free one; without it 25000.")
  var port: Int?
  @Option(help: "Chunked only: what senders call this receiver; without it the host's name.")
  var name: String?
  @Option(help: "Let only senders with the same --room find this receiver.")
  var room: String?
  @Option(
    help: ArgumentHelp(
      "Write the port there as soon as the receiver listens: scripts wait for this file.", valueName: "file"))
  var readyFile: String?
  @Option(help: ArgumentHelp("Multicast only: the group to join.", valueName: "224.1.1.5"))
  var group: String?
  @Option(
    help:
      "The one interface to hear and answer by, by name or address; without it all (a group: the route decides)."
  )
  var interface: String?
  @Option(help: ArgumentHelp("Folder for the files.", valueName: "dir"))
  var into = "inbox"
  @Flag(help: "Replace files that are there already.")
  var overwrite = false
  @Flag(
    help:
      """
      Chunked: receive everything, also what is in the folder already, and remove what cut \
      sessions have left there.
      """
  )
  var noResume = false
  @Flag(
    help:
      """
      Chunked: read the files that earlier sessions have brought before they count as received. \
      Without it their sizes and times tell that nobody changed them.
      """
  )
  var verify = false
  @Option(
    help: ArgumentHelp(
      """
      Silence of the sender that ends a session; without it 15s. Naive: time without another image that \
      ends it; without it the end marker alone does.
      """,
      valueName: "time"),
    transform: TimeText.read)
  var idleTimeout: TimeText?
  @Option(
    help: ArgumentHelp(
      "Give up when no sender has come by then, as in 60s; without it wait for ever.", valueName: "time"),
    transform: TimeText.read)
  var wait: TimeText?
  @Flag(help: "Stay for the next session (naive: the images' numbers go on).")
  var keep = false
  @OptionGroup var keys: KeyOptions
  @Option(
    help: ArgumentHelp(
      """
      Chunked over UDP: accept only sets that a sender of this file has signed: each line begins with a key, as the \
      .pub file of `gallery key new --sign`.
      """,
      valueName: "file"))
  var trust: String?
  @OptionGroup var impair: ImpairOptions
  @OptionGroup var tracing: TraceArguments
  @Flag(help: "Print what became of every datagram or byte.")
  var account = false
  @OptionGroup var output: TransferOutput

  package init() {}
}
