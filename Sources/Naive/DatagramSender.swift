import Ground
internal import NIOCore
internal import NIOPosix
internal import Network

/// Sends one datagram per image, then an empty one. Specs/naive.md §3.
struct DatagramSender {
  let configuration: NaiveSendConfiguration
  let cancellation: Cancellation
  let onEvent: (NaiveSendEvent) -> Void
  private let channel: any Channel
  private let destination: SocketAddress
  private var datagramNumber: UInt64 = 0

  /// Opens a socket that can reach the endpoint.
  init(
    _ configuration: NaiveSendConfiguration, on loop: any EventLoop, cancellation: Cancellation,
    onEvent: @escaping (NaiveSendEvent) -> Void
  ) throws {
    self.configuration = configuration
    self.cancellation = cancellation
    self.onEvent = onEvent
    let endpoint = configuration.endpoint
    let address = try AddressResolution.resolve(endpoint)
    let interface = try EndpointInterface.named(by: endpoint)
    let isMulticast = endpoint.mode == .multicast
    destination = isMulticast ? address.scoped(toInterface: interface?.index ?? 0) : address
    do {
      channel = try DatagramBootstrap(group: loop)
        .channelOption(.socketOption(.so_broadcast), value: endpoint.mode == .broadcast ? 1 : 0)
        .bind(to: AddressResolution.wildcard(like: address)).wait()
    } catch { throw NaiveError.from(error, action: "cannot open a UDP socket") }
    do { try choose(interface) } catch {
      close()
      throw NaiveError.from(error, action: "cannot send to \(destination.text)")
    }
  }

  /// Sets the interface by which datagrams leave, and the options of a group.
  private func choose(_ interface: NetworkInterface?) throws {
    let socket = ChannelSocket(channel)
    if let interface { try InterfaceBinding.setSending(socket, isIPv6: destination.isIPv6, by: interface) }
    let endpoint = configuration.endpoint
    guard endpoint.mode == .multicast else { return }
    try GroupOptions.setSending(
      socket, isIPv6: destination.isIPv6, interfaceIndex: interface?.index ?? destination.scopeIndex,
      hopCount: endpoint.timeToLive, loopsBack: endpoint.isLoopbackEnabled)
  }

  func close() { try? channel.close().wait() }

  /// Sends all of `list`, waits, and sends the end marker. When cancelled, it sends the end marker at once.
  mutating func send(_ list: SendList) throws -> NaiveSendReport {
    var report = NaiveSendReport(mode: configuration.endpoint.mode, destination: destination.text)
    for (index, item) in list.items.enumerated() {
      if index > 0 { cancellation.sleep(nanoseconds: configuration.timing.pauseNanoseconds) }
      if cancellation.isCancelled { break }
      try sendImage(item, index: index, report: &report)
    }
    report.isCancelled = cancellation.isCancelled
    if !report.isCancelled, configuration.timing.waitNanoseconds > 0 {
      onEvent(.waiting(nanoseconds: configuration.timing.waitNanoseconds))
      cancellation.sleep(nanoseconds: configuration.timing.waitNanoseconds)
    }
    report.isEndSent = try emit(ByteBuffer(), report: &report)
    onEvent(report.isEndSent ? .endSent : .endDropped)
    return report
  }

  private mutating func sendImage(_ item: SendList.Item, index: Int, report: inout NaiveSendReport) throws {
    let reader = try ImageReader(path: item.file.path)
    let bytes = try reader.next(atMost: NaiveLimit.datagramByteCount + 1)
    guard UInt64(bytes.readableBytes) == item.byteCount else {
      throw NaiveError.changedWhileSent(path: item.file.path)
    }
    if try emit(bytes, report: &report) {
      report.imageCount += 1
      report.imageByteCount += item.byteCount
      onEvent(.sent(index: index, name: item.file.name, byteCount: bytes.readableBytes))
    } else {
      onEvent(.dropped(index: index, name: item.file.name, byteCount: bytes.readableBytes))
    }
  }

  /// Hands one datagram to the network, or drops it on purpose. Returns whether the network has it.
  private mutating func emit(_ bytes: ByteBuffer, report: inout NaiveSendReport) throws -> Bool {
    defer { datagramNumber += 1 }
    report.offeredDatagramCount += 1
    if let drop = configuration.drop, drop(datagramNumber, bytes.readableBytes) {
      report.droppedDatagramCount += 1
      return false
    }
    do {
      try channel.writeAndFlush(AddressedEnvelope(remoteAddress: destination, data: bytes)).wait()
    } catch {
      throw NaiveError.from(error, action: "cannot send \(bytes.readableBytes) bytes to \(destination.text)")
    }
    report.datagramCount += 1
    report.datagramByteCount += UInt64(bytes.readableBytes)
    return true
  }
}
