import Glibc

/// What the command line asked for.
private struct Options {
  var directory = "images"
  var pattern = ""
  var isPreview = false

  init(_ arguments: [String]) throws(PictureError) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--into", "--only":
        guard let value = rest.popFirst() else { throw PictureError("\(argument) needs a value; see --help") }
        if argument == "--into" { directory = value } else { pattern = value }
      case "--preview": isPreview = true
      default: throw PictureError("unknown option \(argument); see --help")
      }
    }
  }
}

private func write(_ bytes: [UInt8], to path: String) throws(PictureError) {
  guard let file = fopen(path, "wb") else {
    throw PictureError("\(path): cannot be written: \(String(cString: strerror(errno)))")
  }
  let count = fwrite(bytes, 1, bytes.count, file)
  // fclose flushes, so a full disk shows only here.
  guard fclose(file) == 0, count == bytes.count else {
    throw PictureError("\(path): the disk did not take all bytes")
  }
}

private func run() throws(PictureError) {
  let options = try Options(Array(CommandLine.arguments.dropFirst()))
  for picture in catalogue where options.pattern.isEmpty || picture.path.contains(options.pattern) {
    var size = picture.size
    var byteLimit = picture.byteLimit
    if options.isPreview, picture.isLarge {
      size = Size(width: size.width / 4, height: size.height / 4)
      byteLimit /= 8
    }
    let clock = ContinuousClock()
    let start = clock.now
    let raster = picture.render(size)
    let (bytes, quality) = try JpegEncoder.encode(raster, form: picture.form, byteLimit: byteLimit)
    try write(bytes, to: "\(options.directory)/\(picture.path)")
    let milliseconds = (clock.now - start) / .milliseconds(1)
    print(
      "\(picture.path) \(size.width)x\(size.height) \(bytes.count) bytes, quality \(quality), \(Int(milliseconds)) ms"
    )
    fflush(nil)
  }
}

do {
  try run()
} catch {
  let line = Array("make-images: \(error.message)\n".utf8)
  _ = Glibc.write(STDERR_FILENO, line, line.count)
  exit(1)
}
