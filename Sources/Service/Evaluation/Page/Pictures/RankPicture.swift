import Glibc
import Learning

/// How often each procedure occurs over its rank, on logarithmic axes, with both fits.
enum RankPicture {
    static func draw(_ procedures: [CodeFrequency], _ zipf: ZipfFit) -> String {
        var picture = Picture(
            id: "ranks", title: "Procedures by rank",
            description:
                "How often each procedure occurs among the captured documents over its rank, both on logarithmic axes, with two lines of Zipf's law.",
            height: 380)
        let count = Double(procedures.count)
        let most = Double(procedures.first?.count ?? 1)
        let plot = Plot(
            x: Axis(logarithmic: 1...pow(10, log10(count * 1.2).rounded(.up)), label: "rank"),
            y: Axis(logarithmic: 1...pow(10, log10(most * 1.2).rounded(.up)), label: "occurrences"), left: 64, top: 36, width: 676,
            height: 290)
        plot.drawAxes(in: &picture, xText: { ModelText.digits($0, 0) }, yText: { Markup.grouped(Int($0)) })
        // The likelihood has no height of its own: it shares the total.
        let total = procedures.reduce(0) { $0 + Double($1.count) }
        let mass = (1...procedures.count).reduce(0) { $0 + pow(Double($1), -zipf.exponent) }
        let lines = [
            ("s4", { rank in total / mass * pow(rank, -zipf.exponent) }),
            ("s1 dashed", { rank in exp(zipf.leastSquaresIntercept) * pow(rank, -zipf.leastSquaresExponent) }),
        ]
        for (style, frequency) in lines {
            let ranks = stride(from: 0.0, through: 1, by: 0.02).map { pow(count, $0) }.filter { frequency($0) >= 1 }
            picture.path(ranks.map { plot.at($0, frequency($0)) }, "line \(style)")
        }
        for (index, procedure) in procedures.enumerated() {
            let place = plot.at(Double(index + 1), Double(procedure.count))
            picture.marker(.circle, x: place.x, y: place.y, size: 3, "mark s3")
        }
        picture.path([(64, 14), (90, 14)], "line s4")
        picture.text("maximum likelihood, exponent \(ModelText.digits(zipf.exponent, 2))", x: 96, y: 18)
        picture.path([(390, 14), (416, 14)], "line s1 dashed")
        picture.text("least squares, exponent \(ModelText.digits(zipf.leastSquaresExponent, 2))", x: 422, y: 18)
        return picture.markup
    }
}
