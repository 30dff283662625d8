package import Ground
package import Keys
package import Trace

/// How a receiver of the chunked protocol listens, and where its files go.
package struct ReceiverOptions: Sendable {
  package var mode: TransferMode = .unicast
  /// The address to listen at, a name or a number; nil: any, of IPv4 and IPv6 alike where there is IPv6.
  package var bindHost: String?
  /// 0 ... 65,535; 0: any that is free.
  package var port: Int
  /// The group, in multicast.
  package var group: String?
  /// Name or address of the one interface to listen on; nil: all.
  package var interface: String?
  package var inbox: InboxOptions
  /// What the sender calls this receiver; ≤ 64 bytes of it are used.
  package var hostName: String
  /// Silence that ends a session once it has begun. > 0.
  package var idleSeconds = 15.0
  /// How long to wait for a session to begin; nil: for ever.
  package var waitSeconds: Double?
  /// What the sender must have as well; nil: only sessions without a key are received.
  package var secret: SessionSecret?
  /// UDP: whose signature a set must have; nil: anyone may send.
  package var trust: SenderTrust?
  /// UDP: sessions that are not taken again; the one that is received joins them.
  package var endedSessions = EndedSessions()
  /// UDP: how senders find this receiver by invitation; nil where none does. It then listens to the room's
  /// groups as well, and to broadcasts.
  package var calling: Calling?
  /// UDP.
  package var impairments = UDPImpairments()
  /// UDP.
  package var trace = TraceOptions()
  /// UDP: hears which chunks are here, on the session's thread: ten times a second, or more often when asked
  /// for. Nil where nobody looks.
  package var onSample: (@Sendable (ReceptionSample) -> Void)?
  /// UDP: whether `onSample` shall hear already now. Asked up to sixty times a second.
  package var isSampleWanted: @Sendable () -> Bool = { false }

  package init(port: Int = 25_000, inbox: InboxOptions, hostName: String) {
    self.port = port
    self.inbox = inbox
    self.hostName = hostName
  }
}

/// Where a receiver puts files, whether it may replace some, and whether it goes on with what an earlier
/// session has left.
package struct InboxOptions: Sendable {
  package var path: String
  package var overwrite: Bool
  /// Otherwise what dead sessions have left is removed.
  package var resumes: Bool
  /// The folder with the records of files that were verified; nil: nobody remembers them.
  package var recordsPath: String?
  /// Whether files of an earlier session are read before they count.
  package var verifies = false

  package init(path: String, overwrite: Bool = false, resumes: Bool = true, recordsPath: String? = nil) {
    self.path = path
    self.overwrite = overwrite
    self.resumes = resumes
    self.recordsPath = recordsPath
  }
}
