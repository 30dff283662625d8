import Figures
import Glibc
import Study

/// Columns that a table on standard output may take: the terminal's, or those of a page in a file or a pipe.
enum TableWidth {
  static var columns: Int {
    var size = winsize()
    guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
    else { return TextTable.defaultWidth }
    return max(40, Int(size.ws_col))
  }
}
