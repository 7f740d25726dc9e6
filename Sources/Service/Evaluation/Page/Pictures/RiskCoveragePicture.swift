import Learning

/// The share of changed documents among the surest, over how many are taken.
enum RiskCoveragePicture {
    static func draw(_ figures: [ConfidenceFigures]) -> String {
        var picture = Picture(
            id: "risk", title: "Risk and coverage",
            description:
                "For each technique the share of documents that reviewers changed, among the surest documents, over the share of documents taken. Lower is better.",
            height: 400)
        // Below so many documents a curve is a few errors' noise.
        let shown = figures.map { figure in
            let points = figure.riskCoverage.points.filter { $0.coverage * Double(figure.documentCount) >= 50 }
            return (figure, EvaluationJSON.thinned(points, 160))
        }
        let most = shown.flatMap { $0.1.map { $0.risk * 100 } }
        let plot = Plot(
            x: Axis(0...100, label: "documents taken, surest first (%)", tickCount: 10),
            y: Axis(Axis.around(most + [0], step: 5, within: 0...100), label: "changed by reviewers (%)"), left: 60, top: 36,
            width: 680, height: 310)
        Look.drawLegend(
            in: &picture, figures.map { (Look($0.technique), $0.technique.rawValue) }, x: 60, y: 18)
        plot.drawAxes(in: &picture, xText: { ModelText.digits($0, 0) }, yText: { ModelText.digits($0, 0) })
        for (figure, points) in shown {
            let look = Look(figure.technique)
            picture.path(points.map { plot.at($0.coverage * 100, $0.risk * 100) }, "line \(look.style)")
            for share in [0.25, 0.5, 0.75, 1] {
                guard let point = points.first(where: { $0.coverage >= share - 1e-9 }) else { continue }
                let place = plot.at(point.coverage * 100, point.risk * 100)
                picture.marker(look.marker, x: place.x, y: place.y, "mark \(look.style)")
            }
        }
        return picture.markup
    }
}
