import Learning

/// What more documents to train on give: ranking on the left, capture on the right.
enum LearningCurvePicture {
    static func draw(_ curve: [CurvePoint]) -> String {
        var picture = Picture(
            id: "curve", title: "Learning curve",
            description:
                "Left: the area under the ROC curve of pairs over the number of documents trained on. Right: the share captured by certified and by naive thresholds; hollow markers are thresholds set on tune.",
            height: 320)
        let most = Double(curve.map(\.trainCount).max() ?? 1)
        let x = Axis(0...most * 1.04, label: "documents trained on (thousands)", tickCount: 5)
        let sizes: (Double) -> String = { ModelText.digits($0 / 1000, most < 5000 ? 1 : 0) }
        let areas = curve.compactMap { point in
            point.figures.first { $0.label == .document }?.itemAreaUnderROC.map { (Double(point.trainCount), $0) }
        }
        let left = Plot(
            x: x, y: Axis(Axis.around(areas.map(\.1), step: 0.02, within: 0...1), label: "AUC of items (label document)"), left: 62,
            top: 34, width: 296, height: 232)
        left.drawAxes(in: &picture, xText: sizes, yText: { ModelText.digits($0, 2) })
        let boosted = Look(.situatedBoosted)
        picture.path(areas.map { left.at($0.0, $0.1) }, "line \(boosted.style)")
        for (size, area) in areas {
            let place = left.at(size, area)
            picture.marker(.circle, x: place.x, y: place.y, "mark \(boosted.style)")
        }
        let captures = curve.flatMap { $0.results.map { $0.captureInterval.upperBound * 100 } }
        let right = Plot(
            x: x, y: Axis(Axis.around(captures + [0], step: 10, within: 0...100), label: "documents captured (%)"), left: 444, top: 34,
            width: 296, height: 232)
        right.drawAxes(in: &picture, xText: sizes, yText: { ModelText.digits($0, 0) })
        drawCapture(curve, .naive, "s0", .diamond, right, in: &picture)
        drawCapture(curve, .certified, "s4", .circle, right, in: &picture)
        return picture.markup
    }

    private static func drawCapture(
        _ curve: [CurvePoint], _ rule: ThresholdRule, _ style: String, _ marker: Picture.Marker, _ plot: Plot, in picture: inout Picture
    ) {
        let points = curve.compactMap { point in point.results.first { $0.rule == rule }.map { (point, $0) } }
        picture.path(points.map { plot.at(Double($0.trainCount), $1.estimate.capture * 100) }, "line \(style)")
        for (point, result) in points {
            let x = Double(point.trainCount)
            let interval = result.captureInterval
            plot.drawInterval(in: &picture, x: x, (interval.lowerBound * 100)...(interval.upperBound * 100), "bar \(style)")
            let place = plot.at(x, result.estimate.capture * 100)
            picture.marker(marker, x: place.x, y: place.y, "\(point.isThresholdOfTune ? "hollow" : "mark") \(style)")
        }
        let isNaive = rule == .naive
        let x = plot.middle - (isNaive ? 20 : 130)
        picture.marker(marker, x: x, y: 16, "mark \(style)")
        picture.text(rule.rawValue, x: x + 10, y: 20)
    }
}
