import Glibc

/// The descriptors of the files used last, by file index. A new one takes the place of the one that was
/// unused for the longest time.
package struct DescriptorCache: ~Copyable {
  private let capacity: Int
  private var slots: [Slot] = []
  private var clock: UInt64 = 0
  /// The slot used last: most look-ups ask for the same file again.
  private var recent = 0

  private struct Slot {
    var file: Int
    var descriptor: Int32
    var usedAt: UInt64
  }

  /// `capacity` ≥ 1.
  package init(capacity: Int) {
    self.capacity = capacity
    slots.reserveCapacity(capacity)
  }

  deinit { for slot in slots { closeDescriptor(slot.descriptor) } }

  /// The file's descriptor, nil when it is not open. It stays open until a later `insert`, `remove` or the
  /// end.
  package mutating func descriptor(of file: Int) -> Int32? {
    if !(recent < slots.count && slots[recent].file == file) {
      guard let found = slots.firstIndex(where: { $0.file == file }) else { return nil }
      recent = found
    }
    clock += 1
    slots[recent].usedAt = clock
    return slots[recent].descriptor
  }

  /// Takes ownership of a descriptor for a file that has none here.
  package mutating func insert(_ descriptor: Int32, for file: Int) {
    clock += 1
    let slot = Slot(file: file, descriptor: descriptor, usedAt: clock)
    if slots.count < capacity {
      recent = slots.count
      slots.append(slot)
      return
    }
    recent = slots.indices.min { slots[$0].usedAt < slots[$1].usedAt } ?? 0
    closeDescriptor(slots[recent].descriptor)
    slots[recent] = slot
  }

  /// Gives the file's descriptor to the caller; nil when it is not open. The caller closes it.
  package mutating func remove(_ file: Int) -> Int32? {
    guard let found = slots.firstIndex(where: { $0.file == file }) else { return nil }
    let descriptor = slots[found].descriptor
    slots.swapAt(found, slots.count - 1)
    slots.removeLast()
    recent = 0
    return descriptor
  }

  package mutating func closeAll() {
    for slot in slots { closeDescriptor(slot.descriptor) }
    slots.removeAll(keepingCapacity: true)
  }
}
