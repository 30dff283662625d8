import Glibc

/// A counting semaphore (sem_init(3)) that starts at zero.
final class Semaphore: @unchecked Sendable {  // sem_t is made for threads; its address never changes
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(semaphore, 0, 0) }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func signal() { sem_post(semaphore) }

  /// Waits for one signal. Each signal ends one wait.
  func wait() {
    while sem_wait(semaphore) != 0, errno == EINTR {}
  }
}
