import Glibc
import Testing
import Viewer

struct FileBytesTests {
  @Test(arguments: [(0, 0), (3, 3), (9, 5), (UInt64.max, 5)])
  func aLimitLeavesTheRest(limit: UInt64, count: Int) throws {
    let directory = try TestDirectory()
    let bytes = try FileBytes(path: directory.write([1, 2, 3, 4, 5], "file"), limit: limit)
    #expect(Array(bytes.buffer) == Array([1, 2, 3, 4, 5].prefix(count)))
    #expect(bytes.fileByteCount == 5)
  }

  @Test func whatIsNoFileIsNamed() throws {
    let directory = try TestDirectory()
    func failure(_ path: String) -> FileBytes.Failure? {
      do throws(FileBytes.Failure) {
        _ = try FileBytes(path: path)
        return nil
      } catch { return error }
    }
    #expect(failure("\(directory.path)/none") == .missing)
    #expect(failure(directory.path) == .notRegular)
    #expect(failure("\(directory.path)/none/none") == .missing)
    let file = try directory.write([], "file")
    #expect(failure("\(file)/none") == .failed(errno: ENOTDIR))
  }
}
