/// A frame with two axes in a picture; data is put into it by value.
struct Plot {
    let x: Axis
    let y: Axis
    private let left: Double
    private let top: Double
    private let width: Double
    private let height: Double

    init(x: Axis, y: Axis, left: Double, top: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.left = left
        self.top = top
        self.width = width
        self.height = height
    }

    var right: Double { left + width }
    var bottom: Double { top + height }
    var middle: Double { left + width / 2 }

    func at(_ xValue: Double, _ yValue: Double) -> (x: Double, y: Double) {
        (left + x.place(xValue) * width, bottom - y.place(yValue) * height)
    }

    func drawAxes(
        in picture: inout Picture, xText: (Double) -> String, yText: (Double) -> String, hasXLabel: Bool = true, hasYLabel: Bool = true
    ) {
        for tick in x.ticks {
            let place = at(tick, y.range.lowerBound)
            picture.line((place.x, top), (place.x, bottom), "grid")
            picture.text(xText(tick), x: place.x, y: bottom + 16, .middle, "tick")
        }
        for tick in y.ticks {
            let place = at(x.range.lowerBound, tick)
            picture.line((left, place.y), (right, place.y), "grid")
            picture.text(yText(tick), x: left - 6, y: place.y + 4, .end, "tick")
        }
        picture.line((left, bottom), (right, bottom), "axis")
        picture.line((left, top), (left, bottom), "axis")
        if hasXLabel { picture.text(x.label, x: middle, y: bottom + 34, .middle) }
        if hasYLabel { picture.uprightText(y.label, x: left - 44, y: top + height / 2) }
    }

    /// A value with its interval, upright.
    func drawInterval(in picture: inout Picture, x xValue: Double, _ interval: ClosedRange<Double>, _ style: String) {
        picture.line(at(xValue, interval.lowerBound), at(xValue, interval.upperBound), style)
    }
}
