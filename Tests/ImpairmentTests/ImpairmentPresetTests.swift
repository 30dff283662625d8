import Impairment
import Testing

@Suite struct ImpairmentPresetTests {
  @Test(arguments: ImpairmentPreset.allCases)
  func everyPresetIsValidAndReadByName(preset: ImpairmentPreset) throws {
    let impairment = try preset.impairment.validated()
    #expect(try Impairment(parsing: preset.rawValue) == impairment)
    #expect(!impairment.isNone && !impairment.isInstant)
    #expect(impairment.loss.meanLoss > 0)
  }
}
