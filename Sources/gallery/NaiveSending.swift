import Accounting
import Figures
import FileSet
import Foundation
import Naive
import Transport

/// `gallery send --protocol naive`.
struct NaiveSending {
  let configuration: NaiveSendConfiguration
  let set: ScannedSet
  let ending: SendEnding

  func run() throws {
    let console = ending.console
    let sender = try NaiveSender(configuration)
    SignalTrap.install { sender.cancel() }
    let files = set.manifest.entries.enumerated().map { file, entry in
      NaiveFile(path: set.path(ofFile: file), name: entry.name)
    }
    let report = try sender.run(files) { console.say("\($0)") }
    console.say(
      "\(imagesText(report.imageCount)), \(HumanText.bytes(report.imageByteCount)) sent; the receiver does not answer in this protocol, so nobody knows what arrived"
    )
    if ending.isAccountShown { console.say(report.accounting.text) }
    let status = (report.isCancelled ? ExitStatus.endedByUser : .whole).balancing([report.accounting])
    // Nobody answers, so nobody knows whether it is whole.
    try ending.end(Accounted(report, report.accounting), isWhole: nil, status)
  }
}
