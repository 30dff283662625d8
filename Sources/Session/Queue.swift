/// A first-in, first-out queue over one array. Removing moves a head index, and the array is cut when half of
/// it is unused.
package struct Queue<Element> {
  private var elements: [Element] = []
  private var head = 0

  package init() {}

  package var isEmpty: Bool { head == elements.count }
  package var count: Int { elements.count - head }
  package var first: Element? { isEmpty ? nil : elements[head] }
  package var last: Element? { isEmpty ? nil : elements[elements.count - 1] }

  package mutating func append(_ element: Element) { elements.append(element) }

  package mutating func prepend(_ element: Element) {
    if head > 0 {
      head -= 1
      elements[head] = element
    } else {
      elements.insert(element, at: 0)
    }
  }

  package mutating func replaceFirst(_ element: Element) {
    if !isEmpty { elements[head] = element }
  }

  package mutating func replaceLast(_ element: Element) {
    if !isEmpty { elements[elements.count - 1] = element }
  }

  package mutating func removeFirst() {
    guard !isEmpty else { return }
    head += 1
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    } else if head > 1_024, head * 2 > elements.count {
      elements.removeFirst(head)
      head = 0
    }
  }

  package mutating func removeAll() {
    elements.removeAll(keepingCapacity: true)
    head = 0
  }
}

extension Queue: Sendable where Element: Sendable {}
