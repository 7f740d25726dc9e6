import Learning

/// The features that a head's trees gain most by.
enum ImportancePicture {
    private static let shownMax = 15
    private static let rowHeight = 20.0
    private static let namesWidth = 430.0
    /// Longer names are cut in the picture; the table has them whole.
    private static let nameMax = 62

    static func draw(_ importances: [FeatureImportance], head: Head) -> String {
        let shown = importances.filter { $0.head == head }.prefix(shownMax)
        let height = rowHeight * Double(shown.count)
        var picture = Picture(
            id: "importance-\(head.rawValue)", title: "Features of: \(head.name)",
            description: "The features by their share of the gain of all splits, greatest first.", height: height + 62)
        let most = (shown.first?.gainShare ?? 1) * 100
        let plot = Plot(
            x: Axis(0...most * 1.08, label: "share of the gain (%)", tickCount: 4), y: Axis(0...Double(max(shown.count, 1)), label: ""),
            left: namesWidth, top: 6, width: 760 - namesWidth - 30, height: height)
        for tick in plot.x.ticks {
            let place = plot.at(tick, 0)
            picture.line((place.x, 6), place, "grid")
            picture.text(ModelText.digits(tick, most < 4 ? 1 : 0), x: place.x, y: plot.bottom + 16, .middle, "tick")
        }
        for (row, importance) in shown.enumerated() {
            let y = 6 + rowHeight * Double(row)
            let name = importance.feature.count > nameMax ? importance.feature.prefix(nameMax - 1) + "…" : importance.feature
            picture.text(String(name), x: namesWidth - 8, y: y + 14, .end, "tick")
            picture.rectangle(
                x: namesWidth, y: y + 3, width: plot.at(importance.gainShare * 100, 0).x - namesWidth, height: rowHeight - 6, "fill s4")
        }
        picture.line((namesWidth, 6), (namesWidth, plot.bottom), "axis")
        picture.text(plot.x.label, x: plot.middle, y: plot.bottom + 36, .middle)
        return picture.markup
    }
}
