import NIOCore
import Wire

/// Ends a connection so that the other side still reads the last word.
///
/// Closing a socket with unread bytes in it resets the connection, and a reset may overtake an abort. So: say
/// it, close this half, read what still comes and forget it, and close when the other side has closed or
/// after a while.
enum StreamGoodbye {
  /// How long the other side may take to close.
  private static let patience = TimeAmount.seconds(3)

  /// Sends a last frame, if any, behind what is under way, and closes both halves in order. The handler must
  /// ignore what it reads from here on, and call `peerClosed` when the other half closes.
  static func say(_ frame: [UInt8]?, _ context: ChannelHandlerContext) {
    let channel = context.channel
    if let frame { context.writeAndFlush(NIOAny(channel.allocator.buffer(bytes: frame)), promise: nil) }
    context.close(mode: .output, promise: nil)
    channel.setOption(.autoRead, value: true).whenComplete { _ in channel.read() }
    let closing = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
    channel.closeFuture.whenComplete { _ in closing.cancel() }
  }

  /// The other side closed its half: nothing more can come. What is under way to it goes out first.
  static func peerClosed(_ context: ChannelHandlerContext) {
    context.close(mode: .output, promise: nil)  // with both halves closed, the channel closes
  }
}
