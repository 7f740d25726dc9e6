import Learning

/// Small pictures, one for each technique and label: confidence and how often it was right.
enum ReliabilityPicture {
    private static let side = 138.0
    private static let columns = 4

    static func draw(_ figures: [ConfidenceFigures]) -> String {
        let rows = (figures.count + columns - 1) / columns
        var picture = Picture(
            id: "reliability", title: "Reliability",
            description:
                "For each technique the documents in bins of equal mass: how sure it was of them, and the share that stayed unchanged, with intervals of 95 %. On the diagonal both are equal.",
            height: Double(rows) * (side + 66) + 4)
        for (index, figure) in figures.enumerated() {
            let plot = Plot(
                x: Axis(0...100, label: "confidence (%)", tickCount: 2),
                y: Axis(0...100, label: "unchanged (%)", tickCount: 2),
                left: 54 + Double(index % columns) * (side + 42), top: 22 + Double(index / columns) * (side + 66), width: side,
                height: side)
            drawPanel(figure, plot, hasYLabel: index % columns == 0, in: &picture)
        }
        return picture.markup
    }

    private static func drawPanel(_ figure: ConfidenceFigures, _ plot: Plot, hasYLabel: Bool, in picture: inout Picture) {
        plot.drawAxes(
            in: &picture, xText: { ModelText.digits($0, 0) }, yText: { ModelText.digits($0, 0) }, hasYLabel: hasYLabel)
        picture.line(plot.at(0, 0), plot.at(100, 100), "goal")
        let name = figure.technique.rawValue + (figure.label.map { ", \($0.rawValue)" } ?? "")
        picture.text(name, x: plot.middle, y: plot.at(0, 100).y - 8, .middle, "tick strong")
        let look = Look(figure.technique)
        for bin in figure.reliability.bins {
            let x = bin.meanProbability * 100
            plot.drawInterval(in: &picture, x: x, (bin.lower * 100)...(bin.upper * 100), "bar \(look.style)")
            let place = plot.at(x, bin.shareRight * 100)
            picture.marker(look.marker, x: place.x, y: place.y, size: 3, "mark \(look.style)")
        }
    }
}
