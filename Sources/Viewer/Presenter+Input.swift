#if Viewer
/// What keys and the mouse do.
extension Presenter {
  /// Whether the window is to close.
  func perform(_ command: WindowCommand, now: UInt64) -> Bool {
    setNeedsDrawing()
    if let isEnd = performAnywhere(command) { return isEnd }
    if snapshot.board != nil { return performInBoard(command) }
    if player != nil { return performInReplay(command, now: now) }
    switch command {
    case .back: return goBack()
    case .toggleShuffle:
      isShuffled.toggle()
      orderShow()
    case .toggleGrid: mode == .grid ? openSelected(now: now) : showGrid()
    case .toggleMap: toggleMap()
    default:
      switch mode {
      case .grid: performInGrid(command, now: now)
      case .image: performInImage(command, now: now)
      case .map: performInMap(command, now: now)
      }
    }
    return false
  }

  /// What means the same in every window. Whether the window is to close; nil for other commands.
  private func performAnywhere(_ command: WindowCommand) -> Bool? {
    switch command {
    case .quit: return true
    case .back where isHelpShown: isHelpShown = false
    case .toggleHelp: isHelpShown.toggle()
    case .toggleFullScreen: display.toggleFullScreen()
    case .toggleTheme: look.theme = look.theme.other
    case .textLarger: look.changeText(by: 1)
    case .textSmaller: look.changeText(by: -1)
    default: return nil
    }
    return false
  }

  private func toggleMap() {
    guard mode == .map else {
      modeBeforeMap = mode
      if mode == .grid, snapshot.entries.indices.contains(grid.selected) {
        slideshow.go(to: snapshot.entries[grid.selected].item.index)
      }
      return show(.map)
    }
    show(modeBeforeMap)
  }

  /// Esc: what is in front goes away, at last the window.
  private func goBack() -> Bool {
    if mode == .map {
      toggleMap()
    } else if mode == .image, isOpenedFromGrid {
      showGrid()
    } else {
      return true
    }
    return false
  }

  /// The grid, with the image on show selected.
  private func showGrid() {
    isOpenedFromGrid = false
    refused = []
    show(.grid)
    let layout = makeLayout((layout?.area) ?? display.canvas.size)
    self.layout = layout
    if let shown, let position = snapshot.position(of: shown) { grid.select(position, in: layout) }
  }

  private func openSelected(now: UInt64) {
    guard snapshot.entries.indices.contains(grid.selected) else { return show(.image) }
    open(grid.selected, now: now)
  }

  /// Shows an image because a person chose it. It stays until the person goes on.
  private func open(_ position: Int, now: UInt64) {
    let entry = snapshot.entries[position]
    if !slideshow.isPaused { slideshow.togglePause(now: now) }
    hasShow = false
    isOpenedFromGrid = true
    slideshow.go(to: entry.item.index)
    zoom.fit()
    show(.image)
  }

  private func performInGrid(_ command: WindowCommand, now: UInt64) {
    guard let layout else { return }
    switch command {
    case .left: grid.move(.left, in: layout)
    case .right: grid.move(.right, in: layout)
    case .up: grid.move(.up, in: layout)
    case .down: grid.move(.down, in: layout)
    case .previousPage: grid.move(.previousPage, in: layout)
    case .nextPage: grid.move(.nextPage, in: layout)
    case .first: grid.move(.first, in: layout)
    case .last: grid.move(.last, in: layout)
    case .zoomIn: magnification = min(magnification + 1, GridLayout.magnifications.count - 1)
    case .zoomOut: magnification = max(magnification - 1, 0)
    case .zoomToFit, .zoomToFull: magnification = GridLayout.usualMagnification
    case .open: openSelected(now: now)
    case .togglePause:
      openSelected(now: now)
      slideshow.togglePause(now: now)
      hasShow = true
    default: break
    }
  }

  /// The image whose chunks are shown by themselves.
  private func performInMap(_ command: WindowCommand, now: UInt64) {
    switch command {
    case .left, .up, .previousPage: step(-1, now: now)
    case .right, .down, .nextPage: step(1, now: now)
    case .first: slideshow.goToFirst()
    case .last: slideshow.goToLast()
    case .open: show(.image)
    default: break
    }
  }

  private func performInImage(_ command: WindowCommand, now: UInt64) {
    let (area, _) = imageArea
    let isLarger = imageShape.map { zoom.isLargerThanArea($0, in: area) } ?? false
    let distance = Double(min(area.width, area.height)) / 8
    switch command {
    case .left where isLarger: pan(distance, 0)
    case .right where isLarger: pan(-distance, 0)
    case .up: if isLarger { pan(0, distance) }
    case .down: if isLarger { pan(0, -distance) }
    case .left, .previousPage: step(-1, now: now)
    case .right, .nextPage: step(1, now: now)
    case .first: slideshow.goToFirst()
    case .last: slideshow.goToLast()
    case .zoomIn: zoom(by: ImageZoom.step)
    case .zoomOut: zoom(by: 1 / ImageZoom.step)
    case .zoomToFit: zoom.fit()
    case .zoomToFull: zoomToFull()
    case .togglePause:
      slideshow.togglePause(now: now)
      hasShow = true
    default: break
    }
  }

  private func step(_ direction: Int, now: UInt64) {
    pace.noteStep(direction, now: now)
    isFadeDue = false
    if direction > 0 { slideshow.goForward() } else { slideshow.goBack() }
  }

  /// A key that was held is released.
  func endLeafing() {
    guard pace.isLeafing(now: MonotonicClock.now()) else { return }
    pace.noteRelease()
    setNeedsDrawing()
  }

  private func pan(_ x: Double, _ y: Double) {
    guard let imageShape else { return }
    zoom.pan(x: x, y: y, image: imageShape, in: imageArea.size)
  }

  /// Zooms at the pointer; by a key and without a pointer, at the middle.
  private func zoom(by factor: Double, isAtPointer: Bool = false) {
    guard let imageShape else { return }
    let (area, top) = imageArea
    let place = isAtPointer ? pointer.map { (Double($0.x), Double($0.y - top)) } : nil
    zoom.zoom(
      by: factor, atX: place?.0 ?? Double(area.width) / 2, y: place?.1 ?? Double(area.height) / 2,
      image: imageShape, in: area)
  }

  private func zoomToFull() {
    guard let imageShape else { return }
    let area = imageArea.size
    zoom.zoom(
      to: 1, atX: Double(area.width) / 2, y: Double(area.height) / 2, image: imageShape, in: area)
  }
}

/// The mouse. Places are pixels of the window.
extension Presenter {
  /// `steps`: upwards is positive.
  func turnWheel(_ steps: Double) {
    setNeedsDrawing()
    if snapshot.board != nil { return scrollBoard(steps > 0 ? -1 : 1) }
    switch mode {
    case .grid:
      guard let layout else { return }
      grid.scroll(by: Int(-steps * Double(layout.rowPitch) / 2), in: layout)
    case .map: player?.skip(-steps / 50)
    case .image:
      var factor = 1.0
      for _ in 0..<min(16, Int(steps.magnitude.rounded(.up))) { factor *= ImageZoom.step }
      zoom(by: steps > 0 ? factor : 1 / factor, isAtPointer: true)
    }
  }

  /// A press and release at one place.
  func click(x: Int, y: Int, now: UInt64) {
    if player != nil { return seek(x: x, y: y) }
    guard mode == .grid, snapshot.board == nil, let layout else { return }
    setNeedsDrawing()
    let top = gridTop
    guard let position = layout.position(atX: x, y: y - top, scroll: grid.scroll) else { return }
    grid.select(position, in: layout)
    open(position, now: now)
  }

  func drag(x: Int, y: Int) {
    setNeedsDrawing()
    switch mode {
    case .grid: if let layout { grid.scroll(by: -y, in: layout) }
    case .image: pan(Double(x), Double(y))
    case .map: if let pointer { seek(x: pointer.x, y: pointer.y) }
    }
  }
}
#endif
