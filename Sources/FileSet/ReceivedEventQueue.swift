/// Events in the order they happened, each handed out once.
struct ReceivedEventQueue {
  private var events: [ReceivedEvent] = []
  private var told = 0

  mutating func append(_ event: ReceivedEvent) { events.append(event) }

  mutating func next() -> ReceivedEvent? {
    guard told < events.count else { return nil }
    let event = events[told]
    told += 1
    if told == events.count {
      events.removeAll(keepingCapacity: true)
      told = 0
    }
    return event
  }
}
