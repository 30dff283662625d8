// swift-tools-version: 6.2
import PackageDescription

// Two programs that use Gallery as a library. In a package of your own, write the repository's address in the
// place of the path.
let package = Package(
  name: "examples",
  dependencies: [.package(name: "gallery", path: "..")],
  targets: [
    .executableTarget(name: "share", dependencies: [.product(name: "GalleryTransfer", package: "gallery")]),
    .executableTarget(
      name: "lossy-link", dependencies: [.product(name: "GallerySession", package: "gallery")]),
  ])
