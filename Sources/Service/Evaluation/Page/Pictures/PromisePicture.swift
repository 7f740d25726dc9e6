import Learning

/// How often each rule broke the promise, beside the risk that was asked for.
enum PromisePicture {
    static func draw(_ promise: PromiseTrial, delta: Double) -> String {
        var picture = Picture(
            id: "promise", title: "The promise",
            description:
                "The share of draws in which a threshold let through work below a target, with intervals of 95 %, for certified and for naive thresholds; a dashed line marks the risk asked for.",
            height: 142)
        let most = [promise.naive, promise.certified].map { $0.interval.upperBound * 100 } + [delta * 100]
        let plot = Plot(
            x: Axis(Axis.around(most + [0], step: 10, within: 0...100), label: "draws in which a target was missed (%)"),
            y: Axis(0...2, label: ""), left: 120, top: 26, width: 600, height: 66)
        for tick in plot.x.ticks {
            let place = plot.at(tick, 0)
            picture.line(plot.at(tick, 2), place, "grid")
            picture.text(ModelText.digits(tick, 0), x: place.x, y: plot.bottom + 16, .middle, "tick")
        }
        picture.line(plot.at(0, 0), (plot.right, plot.bottom), "axis")
        picture.text(plot.x.label, x: plot.middle, y: plot.bottom + 36, .middle)
        picture.line(plot.at(delta * 100, 0), plot.at(delta * 100, 2), "goal")
        picture.text("risk \(Markup.percent(delta)) %", x: plot.at(delta * 100, 0).x, y: 18, .middle, "tick")
        for (row, name, record, style, marker) in [
            (1.5, "certified", promise.certified, "s4", Picture.Marker.circle), (0.5, "naive", promise.naive, "s0", .diamond),
        ] {
            picture.text(name, x: 108, y: plot.at(0, row).y + 4, .end)
            picture.line(plot.at(record.interval.lowerBound * 100, row), plot.at(record.interval.upperBound * 100, row), "bar \(style)")
            let place = plot.at(record.share * 100, row)
            picture.marker(marker, x: place.x, y: place.y, size: 5, "mark \(style)")
        }
        return picture.markup
    }
}
