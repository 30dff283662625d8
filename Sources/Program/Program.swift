import gallery

/// The program: `gallery`'s own main function, linked with Swift's libraries inside (Package.swift says why).
@main
enum Program {
  static func main() { Gallery.main() }
}
