import Glibc

/// Memory that ends where the process may not read: one byte further ends the tests.
final class EndOfMemory {
  private let pages: UnsafeMutableRawBufferPointer
  let readable: UnsafeMutableRawBufferPointer

  /// Room for `byteCount` readable bytes, a multiple of the page's size; nil when the kernel has none.
  init?(byteCount: Int) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    guard
      let base = mmap(nil, byteCount + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      base != MAP_FAILED, mprotect(base + byteCount, page, PROT_NONE) == 0
    else { return nil }
    pages = UnsafeMutableRawBufferPointer(start: base, count: byteCount + page)
    readable = UnsafeMutableRawBufferPointer(rebasing: pages[..<byteCount])
  }

  deinit { munmap(pages.baseAddress, pages.count) }
}
