import Figures
import Foundation
import Testing

@Suite struct ProvenanceTests {
  @Test(arguments: [
    ("processor\t: 0\nmodel name\t: AMD EPYC 7B13: x\nmodel name\t: other\n", "AMD EPYC 7B13: x"),
    ("processor\t: 0\nBogoMIPS\t: 50.00\n", "unknown"), ("", "unknown"),
  ])
  func theProcessorHasAName(information: String, name: String) {
    #expect(Provenance.processorName(information) == name)
  }

  @Test func whatIsWrittenReadsBack() throws {
    let provenance = Provenance(command: "gallery study --loss 'a b'", version: "gallery 0", seed: .max)
    #expect(provenance.system.hasPrefix("Linux ") && provenance.processorCount > 0)
    let folder = FileManager.default.temporaryDirectory.path + "/provenance-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try ResultFiles.makeFolder(folder)
    try provenance.write(into: folder)
    let data = try ResultFiles.read("\(folder)/\(Provenance.fileName)")
    #expect(try JSONDecoder().decode(Provenance.self, from: data) == provenance)
  }
}
