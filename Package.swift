// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is built to the same bar: Swift 6 language mode, explicit existentials, explicit
/// imports, warnings are errors.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]

/// What a build without the trait leaves out.
let traits = [
  "CISAL": "ISAL", "CSDL2": "Viewer", "CTurboJPEG": "Viewer", "CPNG": "Viewer", "CLCMS": "Viewer",
]

/// A room of the house; an arrow means "imports" (CONTRIBUTING.md draws them all).
func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  let dependencies = dependencies.map { dependency in
    guard case .byNameItem(let name, _) = dependency, let trait = traits[name] else { return dependency }
    return .target(name: name, condition: .when(traits: [trait]))
  }
  return .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one room, file by file. `libraries`: for functions that only the tests call.
func tests(_ room: String, _ more: [Target.Dependency] = [], libraries: [String] = []) -> Target {
  .testTarget(
    name: "\(room)Tests", dependencies: [.byName(name: room)] + more, swiftSettings: strict,
    linkerSettings: libraries.map { .linkedLibrary($0) })
}

func nio(_ product: String) -> Target.Dependency { .product(name: product, package: "swift-nio") }

let package = Package(
  name: "gallery",
  products: [
    .executable(name: "gallery", targets: ["Program"]),
    // For programs of others; Examples/ has one for each.
    .library(name: "GallerySession", targets: ["GallerySession"]),
    .library(name: "GalleryTransfer", targets: ["GalleryTransfer"]),
  ],
  // What needs libraries of the system, or their headers. A build with --disable-default-traits needs none.
  traits: [
    .trait(name: "ISAL", description: "checksums and parity by ISA-L, with the processor's widest vectors"),
    .trait(name: "Keys", description: "sessions with a code or a key, by libgcrypt, and codes as QR codes"),
    .trait(name: "Capture", description: "capture files, by libpcap"),
    .trait(
      name: "Viewer",
      description: "the window and its pictures, by SDL2, libjpeg-turbo, libpng and Little CMS"),
    .default(enabledTraits: ["ISAL", "Keys", "Capture", "Viewer"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
  ],
  targets: [
    .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "CLinux"),
    // Their headers only. CLate loads these libraries when a window, a picture, a capture or a key is wanted.
    .systemLibrary(name: "CTurboJPEG"),
    .systemLibrary(name: "CSDL2"),
    .systemLibrary(name: "CLCMS"),
    .systemLibrary(name: "CPcap"),
    .systemLibrary(name: "CPNG"),
    .target(
      name: "CLate", publicHeadersPath: ".",
      cSettings: [
        .define("GALLERY_VIEWER", .when(traits: ["Viewer"])),
        .define("GALLERY_CAPTURE", .when(traits: ["Capture"])),
        .define("GALLERY_KEYS", .when(traits: ["Keys"])),
      ],
      linkerSettings: [.linkedLibrary("dl")]),

    room("Ground", []),
    room("Checksum", ["Ground", "CISAL"]),
    room("Erasure", ["CISAL"]),
    room("Keys", ["CLate"]),
    room("Figures", ["Ground", "CLinux"]),
    room("Accounting", []),
    room("Wire", ["Ground", "Checksum"]),
    room("Session", ["Ground", "Wire", "Accounting"]),
    room("Impairment", ["Ground"]),
    room("FileSet", ["Ground", "Checksum", "Keys", "Wire", "CLinux"]),
    room("Trace", ["Ground", "Session", "Figures", "Wire", "CLate"]),
    room("Simulation", ["Ground", "Session", "Impairment", "Wire", "Checksum", "Accounting"]),
    room("Network", ["Ground", nio("NIOCore")]),
    room(
      "Datagrams",
      [
        "Ground", "Network", "CLinux", nio("NIOCore"),
        .product(name: "HeapModule", package: "swift-collections"),
      ]),
    room(
      "Transport",
      [
        "Ground", "Session", "FileSet", "Impairment", "Network", "Trace", "Wire", "Checksum", "Accounting",
        "Datagrams", "Erasure", "Keys", nio("NIOCore"), nio("NIOPosix"),
      ]),
    room("GallerySession", ["Ground", "Checksum", "Wire", "Session", "FileSet"]),
    room("GalleryTransfer", ["Ground", "FileSet", "Network", "Keys", "Transport", nio("NIOPosix")]),
    room("Naive", ["Ground", "Network", "Accounting", nio("NIOCore"), nio("NIOPosix")]),
    room("Doctor", ["Ground", "Figures", "Network", nio("NIOCore")]),
    room("Capture", ["Ground", "Figures", "FileSet", "Naive", "Wire", "Accounting", "CLate"]),
    room(
      "Runs",
      [
        "Ground", "Transport", "Naive", "Impairment", "FileSet", "Session", "Trace", "Accounting",
        nio("NIOCore"),
        nio("NIOPosix"),
      ]),
    room(
      "Study",
      [
        "Ground", "Runs", "Capture", "Figures", "Transport", "Naive", "Simulation", "Impairment", "FileSet",
        "Session", "Trace", "Wire",
      ]),
    room(
      "Relay",
      [
        "Ground", "Wire", "Datagrams", "Network", "Impairment", "Runs", "Trace", nio("NIOCore"),
        .product(name: "HeapModule", package: "swift-collections"),
      ]),
    room(
      "Check",
      [
        "Ground", "Figures", "Checksum", "Wire", "FileSet", "Network", "Impairment", "Relay", nio("NIOCore"),
      ]),
    room("Viewer", ["Ground", "CSDL2", "CTurboJPEG", "CPNG", "CLCMS", "CLate"]),
    .target(
      name: "gallery",
      dependencies: [
        "Ground", "Study", "Runs", "Relay", "Check", "Capture", "Doctor", "Figures", "Transport", "Naive",
        "Viewer",
        "FileSet",
        "Session", "Impairment", "Trace", "Network", "Accounting", "Keys",
        nio("NIOCore"),
        nio("NIOPosix"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    // Swift's libraries are linked into the program: 12 shared libraries fewer to load at each start. This is
    // a target of its own because the tests, which contain all the others, need the shared ones. Of
    // Foundation only FoundationEssentials is in it, and two parts of that are named, because the other
    // targets are compiled for the shared library, which contains them. The folder has the linker take the
    // static libstdc++, whose 1,500 symbols would be looked up at each start. No library looks for symbols of
    // the program.
    .executableTarget(
      name: "Program", dependencies: ["gallery"], swiftSettings: strict,
      linkerSettings: [
        .unsafeFlags(
          [
            "-static-stdlib", "-l_FoundationCShims", "-l_FoundationCollections",
            "-L\(Context.packageDirectory)/Tools/lib/link", "-Xlinker", "--no-export-dynamic",
          ], .when(platforms: [.linux], configuration: .release))
      ]),
    // The programs of Examples/, which is a package of its own, so that every build proves them.
    .executableTarget(
      name: "share", dependencies: ["GalleryTransfer"], path: "Examples/Sources/share", swiftSettings: strict),
    .executableTarget(
      name: "lossy-link", dependencies: ["GallerySession"], path: "Examples/Sources/lossy-link",
      swiftSettings: strict),
    // Costs per datagram, and instruction counts: run by Tools/bench.
    .executableTarget(
      name: "microbenchmarks", dependencies: ["Ground", "Session", "Wire", "Checksum", "Erasure"],
      path: "Tools/microbenchmarks", swiftSettings: strict),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .target(
      name: "MemoryDisk", dependencies: ["FileSet", "Ground"], path: "Tests/MemoryDisk", swiftSettings: strict
    ),
    tests("Ground"),
    tests("Accounting"),
    tests("Checksum", ["CZlib", "CXXHash"]),
    tests("Erasure", ["Ground"]),
    tests("Keys"),
    tests("Figures"),
    tests("Wire", ["TestSupport", "Ground", "Checksum"]),
    tests("Session", ["TestSupport", "Ground", "Wire", "Checksum", "Accounting", "Erasure"]),
    tests("Impairment", ["Ground"]),
    tests("FileSet", ["MemoryDisk", "Ground", "Checksum", "Keys", "Wire"]),
    tests("Simulation", ["TestSupport", "Ground", "Session", "Impairment", "Wire", "Accounting"]),
    tests(
      "Transport",
      [
        "TestSupport", "Ground", "Datagrams", "Session", "FileSet", "Impairment", "Network", "Wire",
        "Checksum", "Accounting", "Keys", nio("NIOCore"),
        nio("NIOPosix"),
      ]),
    tests("GallerySession", ["TestSupport", "FileSet", "Wire"]),
    tests("GalleryTransfer", ["TestSupport"]),
    .testTarget(
      name: "FaultsTests",
      dependencies: [
        "MemoryDisk", "Checksum", "FileSet", "Ground", "Keys", "Session", "Simulation", "Transport", "Wire",
        nio("NIOCore"),
      ],
      swiftSettings: strict),
    // The functions that Tools/fuzz makes fuzzers of.
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "Accounting", "Capture", "Checksum", "FileSet", "Ground", "Keys", "Session", "Trace", "Transport",
        "Viewer", "Wire",
      ],
      swiftSettings: strict),
    tests("Datagrams", ["TestSupport", "Ground", "Network", nio("NIOCore")]),
    tests("Trace", ["Figures", "CPcap", "Checksum", "Wire", "Session"], libraries: ["pcap"]),
    tests("Network", [nio("NIOCore")]),
    tests("Naive", ["Ground"]),
    tests("Doctor", ["Ground"]),
    tests("Capture", ["Ground", "Figures", "FileSet", "Wire", "Checksum", "Accounting"]),
    tests("Runs", ["Ground", "Transport", "Naive", "Impairment", "FileSet", "Accounting"]),
    tests("Study", ["Ground", "Runs", "Figures", "FileSet", "Trace"]),
    tests("Relay", ["TestSupport", "Ground", "Impairment", "Network", "Runs", "Wire", nio("NIOCore")]),
    tests("Check", ["Ground", "Wire"]),
    tests("Viewer", ["Ground", "CSDL2", "CTurboJPEG"], libraries: ["SDL2", "turbojpeg"]),
    .testTarget(
      name: "galleryTests",
      dependencies: [
        "TestSupport", "gallery", "Ground", "Figures", "Transport", "Viewer", "FileSet", "Session", "Wire",
        "Checksum", "Runs", "Impairment", "Trace",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
