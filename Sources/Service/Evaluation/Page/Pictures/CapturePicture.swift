import Learning

/// Capture and accuracies of every line of the table with their intervals, the targets as lines.
struct CapturePicture {
    private static let rowHeight = 23.0
    private static let namesWidth = 210.0
    private static let gap = 34.0

    static func draw(_ run: EvaluationRun) -> String {
        let results = run.evaluation.results
        let top = 26.0
        let plotHeight = rowHeight * Double(results.count)
        var picture = Picture(
            id: "capture", title: "Capture and accuracy of each technique and rule",
            description:
                "One row for each line of table 1: dots with intervals of 95 % for the share captured and for each accuracy; dashed lines mark the targets.",
            height: top + plotHeight + 48)
        let panelCount = 1 + run.targets.count
        let width = (760 - namesWidth - gap * Double(panelCount - 1) - 14) / Double(panelCount)
        let rows = Axis(0...Double(results.count), label: "")
        func plot(_ index: Int, _ axis: Axis) -> Plot {
            Plot(
                x: axis, y: rows, left: namesWidth + Double(index) * (width + gap), top: top, width: width, height: plotHeight)
        }
        let capture = plot(0, Axis(0...100, label: "documents captured (%)", tickCount: 4))
        drawPanel(capture, target: nil, in: &picture)
        let accuracies = run.targets.indices.map { target -> Plot in
            let lows = results.filter { $0.estimate.accepted > 0 }.map { $0.estimate.accuracies[target].lower * 100 }
            let range = Axis.around(lows + [run.targets[target].accuracy * 100 - 2, 100], step: 5, within: 0...100)
            return plot(target + 1, Axis(range, label: "\(run.targets[target].heading) (%)", tickCount: 4))
        }
        for (target, plot) in accuracies.enumerated() { drawPanel(plot, target: run.targets[target].accuracy * 100, in: &picture) }
        for (row, result) in results.enumerated() {
            let y = Double(results.count - row) - 0.5
            let look = Look(result.technique)
            let place = capture.at(0, y)
            picture.text("\(result.technique.rawValue), \(result.rule.rawValue)", x: namesWidth - 10, y: place.y + 4, .end)
            drawEstimate(
                capture, y, result.estimate.capture, result.captureInterval, look, isFilled: result.rule != .naive, in: &picture)
            for (target, plot) in accuracies.enumerated() {
                let estimate = result.estimate.accuracies[target]
                if let accuracy = estimate.accuracy {
                    drawEstimate(plot, y, accuracy, estimate.lower...estimate.upper, look, isFilled: result.rule != .naive, in: &picture)
                } else {
                    picture.text("nothing captured", x: plot.at(plot.x.range.lowerBound, 0).x + 6, y: place.y + 4, .start, "faint")
                }
            }
        }
        return picture.markup
    }

    private static func drawPanel(_ plot: Plot, target: Double?, in picture: inout Picture) {
        for tick in plot.x.ticks {
            let place = plot.at(tick, 0)
            picture.line((place.x, plot.at(tick, plot.y.range.upperBound).y), (place.x, plot.bottom), "grid")
            picture.text(ModelText.digits(tick, 0), x: place.x, y: plot.bottom + 16, .middle, "tick")
        }
        picture.line((plot.at(plot.x.range.lowerBound, 0).x, plot.bottom), (plot.right, plot.bottom), "axis")
        picture.text(plot.x.label, x: plot.middle, y: plot.bottom + 36, .middle)
        if let target {
            let bottom = plot.at(target, 0)
            let top = plot.at(target, plot.y.range.upperBound)
            picture.line(bottom, top, "goal")
            let name = "target \(ModelText.digits(target, target == target.rounded() ? 0 : 1))"
            picture.text(name, x: bottom.x, y: top.y - 8, .middle, "tick")
        }
    }

    private static func drawEstimate(
        _ plot: Plot, _ y: Double, _ share: Double, _ interval: ClosedRange<Double>, _ look: Look, isFilled: Bool, in picture: inout Picture
    ) {
        picture.line(plot.at(interval.lowerBound * 100, y), plot.at(interval.upperBound * 100, y), "bar \(look.style)")
        let place = plot.at(share * 100, y)
        picture.marker(look.marker, x: place.x, y: place.y, size: 4.5, "\(isFilled ? "mark" : "hollow") \(look.style)")
    }
}
