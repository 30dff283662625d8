import Glibc
import Testing
import Viewer

/// Real files in real folders. Each wait ends by an event; without it the test would wait for ever.
struct FolderWatchTests {
  @Test func aFinishedFileEndsTheWait() throws {
    let directory = try TestDirectory()
    let watch = try #require(FolderWatch())
    watch.add([directory.path, "/nonexistent/folder"])
    try directory.write([1], "a.jpg")
    #expect(watch.wait())
    #expect(rename("\(directory.path)/a.jpg", "\(directory.path)/b.jpg") == 0)
    #expect(watch.wait())
    #expect(unlink("\(directory.path)/b.jpg") == 0)
    #expect(watch.wait())
  }

  /// Only `stop` ends the wait while a file is being written.
  @Test func aFileBeingWrittenIsNotThereYet() throws {
    let directory = try TestDirectory()
    let watch = try #require(FolderWatch())
    watch.add([directory.path])
    let stream = try #require(fopen("\(directory.path)/a.jpg", "wb"))
    fputc(7, stream)
    fflush(stream)
    watch.stop()
    #expect(!watch.wait() && !watch.wait(), "now and later")
    fclose(stream)
  }

  @Test func stopEndsAWaitOnAnotherThread() throws {
    let watch = try #require(FolderWatch())
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<FolderWatch>.fromOpaque(argument).takeRetainedValue().stop() }
        return nil
      }, Unmanaged.passRetained(watch).toOpaque())
    #expect(status == 0)
    #expect(!watch.wait())
    pthread_join(thread, nil)
  }
}
