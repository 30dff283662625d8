import Wire

/// The words for datagrams that are no messages of this protocol's version.
enum StrangerText {
  /// One line for people; nil when the datagram says nothing about its sender.
  static func text(_ error: WireError, _ datagram: UnsafeRawBufferPointer) -> String? {
    switch error {
    case .unknownVersion(SealedDatagram.senderVersion):
      return "a sender here uses a code: receive with --code and its six words, or with --key and its file"
    case .unknownVersion(let version):
      return
        """
        a sender here speaks version \(version) of the chunked protocol, this program speaks \
        \(DatagramHeader.version): use the same version on both sides
        """
    case .badMagic, .truncated:
      let isJPEG = datagram.count > 2 && datagram[0] == 0xFF && datagram[1] == 0xD8
      return
        """
        a sender here sends \(isJPEG ? "whole JPEGs" : "something else"), not the chunked protocol: if it \
        is a naive one, receive with --protocol naive
        """
    default: return nil
    }
  }
}
