import FileSet
import Glibc
import Testing

@Suite struct FileSetErrorTests {
  static let examples: [(FileSetError, String)] = [
    (.noSuchFolder(path: "pics"), "no such folder: pics; check the path"),
    (
      .noImages(path: "pics", hint: "40 files in 2 sub-folders are left out; --recursive sends them"),
      "no images (*.jpg, *.jpeg) in pics; 40 files in 2 sub-folders are left out; --recursive sends them"
    ),
    (
      .cannotRead(path: "a.jpg", errno: EACCES),
      "cannot read a.jpg: this user has no permission; change that or move it out of the folder"
    ),
    (
      .namesCollide(first: "A.jpg", second: "a.jpg"),
      "a.jpg would be one file with A.jpg, as letter case or Unicode form does not count there; "
        + "the sender must rename one"
    ),
    (
      .tooManyChunks(count: 6_108_397_935, chunkByteCount: 1_440, sufficientChunkByteCount: 2_049),
      "the set has 6108397935 chunks of 1440 bytes, more than the 2^32 one session carries; "
        + "chunks of 2049 bytes (a larger --mtu) would do, or send it in parts"
    ),
    (
      .fileChanged(name: "a.jpg"),
      "a.jpg changed or was truncated while it was sent; send again when nothing writes to it"
    ),
    (
      .checksumMismatch(name: "a.jpg", expected: 1, computed: 0xABCD_EF01),
      "a.jpg arrived damaged (CRC32 abcdef01, sent 00000001); send it again"
    ),
    (
      .alreadyExists(name: "a.jpg"),
      "a.jpg exists already with other content and was kept; --overwrite replaces it"
    ),
    (
      .unusableInbox(path: "README.md", step: .openFolder, errno: ENOTDIR),
      "no files can be put into README.md: making or opening the folder failed, "
        + "a file is where a folder should be; choose another --into folder"
    ),
    (
      .unusableInbox(path: "/proc/x", step: .openFolder, errno: ENOENT),
      "no files can be put into /proc/x: making or opening the folder failed, "
        + "no folder can be made there; choose another --into folder"
    ),
    (
      .cannotStore(path: "in/a:b.jpg", errno: EINVAL),
      "cannot store in/a:b.jpg: its file system does not take such a name (Invalid argument); "
        + "choose another --into folder"
    ),
    (
      .diskFull(path: "inbox", errno: ENOSPC),
      "no room for inbox: the disk is full; free space there or choose another --into folder"
    ),
  ]

  @Test(arguments: examples)
  func saysWhatWhereAndWhatToDo(error: FileSetError, line: String) {
    #expect(error.description == line)
  }

  /// Every case is one line that ends in advice, whatever name it carries.
  @Test(
    arguments: [
      .noSuchFolder(path: "x\ny"), .notAFolder(path: "x\ny"), .noImages(path: "x\ny", hint: "h"),
      .noFiles(path: "x\ny", hint: "h\n"),
      .cannotRead(path: "x\ny", errno: EIO), .nameNotUTF8(path: "x\ny"),
      .nameTooLong(name: "x\ny", byteCount: 5_000),
      .danglingLink(path: "x\ny"), .notRegular(path: "x\ny", kind: "a pipe"),
      .nameTwice(first: "x\ny", second: "x\nY"), .namesCollide(first: "x\ny", second: "x\nY"),
      .tooManyFiles(count: 1 << 25),
      .manifestTooLarge(byteCount: 1 << 30),
      .tooManyChunks(count: 1 << 33, chunkByteCount: 1, sufficientChunkByteCount: nil),
      .fileChanged(name: "x\ny"),
      .invalidAnnouncement(reason: "r"), .invalidManifest(reason: "r"),
      .identityMismatch(expected: "0", computed: "1"),
      .checksumMismatch(name: "x\ny", expected: 1, computed: 2),
      .incomplete(name: "x\ny", missingChunkCount: 1), .notSigned(name: "x\ny"),
      .unsafeName(name: "x\ny", reason: "r"), .alreadyExists(name: "x\ny"),
      .unusableInbox(path: "x\ny", step: .publish, errno: EPERM), .cannotStore(path: "x\ny", errno: EIO),
      .diskFull(path: "x\ny", errno: ENOSPC),
      .notEnoughSpace(path: "x\ny", neededByteCount: 2, availableByteCount: 1),
    ] as [FileSetError])
  func oneLineEach(error: FileSetError) {
    #expect(!error.description.contains { $0.isNewline })
    #expect(error.description.contains("; "))
  }
}
