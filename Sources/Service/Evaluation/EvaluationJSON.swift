import JSON
import Learning

/// Every figure of an evaluation as JSON. The same run gives the same bytes: nothing of the clock or the machine is in it.
///
/// 1. Shares and accuracies are numbers in [0, 1]; null where there is nothing to count. Intervals, of 95 %, are pairs.
/// 2. `techniques[].threshold` is null when nothing is captured, and for the crosswalk, which has none.
/// 3. Accuracies stand under the names of their targets: `procedure`, `primaryDiagnosis`, `field`.
enum EvaluationJSON {
    /// Points of a risk–coverage curve, at equal steps of coverage.
    private static let curvePointsMax = 200

    static func bytes(_ run: EvaluationRun) -> [UInt8] {
        var writer = JSONWriter(reserving: 1 << 16)
        writer.beginObject()
        writer.key("format")
        writer.string("sluice-evaluation")
        writer.key("formatVersion")
        writer.int(1)
        writer.key("product")
        writer.string("\(Product.name) \(Product.version)")
        writer.key("seed")
        writer.int(Int64(clamping: run.seed))
        writer.key("risk")
        writer.double(run.risk.delta)
        writer.key("label")
        writer.string(run.label.rawValue)
        writer.key("targets")
        writer.beginObject()
        for target in run.targets {
            writer.key(target.target.rawValue)
            writer.double(target.accuracy)
        }
        writer.endObject()
        writer.array("parts", run.parts) { $0.write($1) }
        writer.members(run.accounts)
        writer.member(run.evaluation.unassessed)
        writer.array("techniques", run.evaluation.results) { $0.write($1, run) }
        writer.array("confidences", run.evaluation.figures) { $0.write($1) }
        writer.array("learningCurve", run.evaluation.curve) { $0.write($1, run) }
        if let promise = run.evaluation.promise { writer.write(promise, run) }
        writer.write(run.evaluation.procedures, run.evaluation.zipf)
        writer.array("importances", run.evaluation.importances) { $0.write($1) }
        writer.endObject()
        return Array("\(PrettyJSON.text(writer.bytes))\n".utf8)
    }

    /// So many points of a curve at most, the first and the last among them.
    static func thinned<Point>(_ points: [Point], _ most: Int = curvePointsMax) -> [Point] {
        guard points.count > most else { return points }
        return (0..<most).map { points[$0 * (points.count - 1) / (most - 1)] }
    }
}

extension JSONWriter {
    fileprivate mutating func array<Element>(
        _ name: StaticString, _ elements: [Element], _ write: (inout JSONWriter, Element) -> Void
    ) {
        key(name)
        beginArray()
        for element in elements { write(&self, element) }
        endArray()
    }

    fileprivate mutating func number(_ name: StaticString, _ value: Double?) {
        key(name)
        if let value { double(value) } else { null() }
    }

    fileprivate mutating func count(_ name: StaticString, _ value: Int) {
        key(name)
        int(Int64(value))
    }

    fileprivate mutating func text(_ name: StaticString, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    private mutating func interval(_ name: String, _ interval: ClosedRange<Double>) {
        key(name)
        beginArray()
        double(interval.lowerBound)
        double(interval.upperBound)
        endArray()
    }

    fileprivate mutating func write(_ part: EvaluationRun.Part) {
        beginObject()
        text("name", part.name)
        array("files", part.files) { $0.string($1) }
        count("documents", part.content.documents)
        count("items", part.content.items)
        number("unchanged", part.content.unchangedShare)
        text("from", part.content.from)
        text("through", part.content.through)
        text("sha256", part.content.digest)
        text("note", part.note)
        endObject()
    }

    fileprivate mutating func write(_ result: TechniqueResult, _ run: EvaluationRun) {
        beginObject()
        text("name", result.technique.rawValue)
        text("rule", result.rule.rawValue)
        number("threshold", result.threshold)
        number("capture", result.estimate.capture)
        interval("captureInterval", result.captureInterval)
        for (target, estimate) in zip(run.targets, result.estimate.accuracies) {
            let name = target.target.rawValue
            key(name)
            if let accuracy = estimate.accuracy { double(accuracy) } else { null() }
            interval("\(name)Interval", estimate.lower...estimate.upper)
            key("\(name)Codes")
            int(Int64(estimate.codes))
            key("\(name)Right")
            int(Int64(estimate.right))
        }
        count("n", result.estimate.documents)
        count("captured", result.estimate.accepted)
        count("codesAdded", result.addedCount)
        key("meetsTargets")
        if let meets = run.meetsTargets(result) { bool(meets) } else { null() }
        number("areaUnderROC", run.documentFigures(result.technique)?.itemAreaUnderROC)
        array("populations", result.populations) { $0.write(population: $1, run) }
        if let stop = result.stop {
            key("stoppedBy")
            beginObject()
            text("target", stop.target.map { run.targets[$0].target.rawValue })
            number("p", stop.pValue)
            number("level", stop.level)
            number("labelsNeeded", stop.labelsNeeded.map { Double($0) })
            endObject()
        }
        endObject()
    }

    private mutating func write(population: SetEstimate, _ run: EvaluationRun) {
        beginObject()
        if case .named(let name) = population.population { text("population", name) } else { text("population", nil) }
        count("n", population.documents)
        count("captured", population.accepted)
        for (target, estimate) in zip(run.targets, population.accuracies) {
            let name = target.target.rawValue
            key(name)
            if let accuracy = estimate.accuracy { double(accuracy) } else { null() }
            interval("\(name)Interval", estimate.lower...estimate.upper)
            key("\(name)Codes")
            int(Int64(estimate.codes))
            key("\(name)WrongLeast")
            double(estimate.wrongLeast)
        }
        array("misses", population.missed(errorRates: run.targets.map { 1 - $0.accuracy })) { writer, index in
            writer.string(run.targets[index].target.rawValue)
        }
        endObject()
    }

    fileprivate mutating func write(_ figures: ConfidenceFigures) {
        beginObject()
        text("name", figures.technique.rawValue)
        text("label", figures.label?.rawValue)
        count("items", figures.itemCount)
        number("areaUnderROC", figures.itemAreaUnderROC)
        count("documents", figures.documentCount)
        number("documentAreaUnderROC", figures.documentAreaUnderROC)
        number("aurc", figures.riskCoverage.area)
        number("logLoss", figures.logLoss)
        number("brier", figures.brier)
        number("calibrationError", figures.reliability.calibrationError)
        array("reliability", figures.reliability.bins) { writer, bin in
            writer.beginObject()
            writer.count("n", bin.count)
            writer.number("confidence", bin.meanProbability)
            writer.number("right", bin.shareRight)
            writer.interval("rightInterval", bin.lower...bin.upper)
            writer.endObject()
        }
        array("riskCoverage", EvaluationJSON.thinned(figures.riskCoverage.points)) { writer, point in
            writer.beginObject()
            writer.number("threshold", point.threshold)
            writer.number("coverage", point.coverage)
            writer.number("risk", point.risk)
            writer.endObject()
        }
        endObject()
    }

    fileprivate mutating func write(_ point: CurvePoint, _ run: EvaluationRun) {
        beginObject()
        count("size", point.trainCount)
        text("thresholdsFrom", point.isThresholdOfTune ? "tune" : "certify")
        let results = [ThresholdRule.naive, .certified].map { rule in point.results.first { $0.rule == rule } }
        number("areaUnderROC", point.figures.first { $0.label == .document }?.itemAreaUnderROC)
        number("naiveCapture", results[0]?.estimate.capture)
        number("certifiedCapture", results[1]?.estimate.capture)
        array("techniques", point.results) { $0.write($1, run) }
        array("confidences", point.figures) { writer, figures in
            writer.beginObject()
            writer.text("label", figures.label?.rawValue)
            writer.number("areaUnderROC", figures.itemAreaUnderROC)
            writer.number("documentAreaUnderROC", figures.documentAreaUnderROC)
            writer.number("aurc", figures.riskCoverage.area)
            writer.number("logLoss", figures.logLoss)
            writer.number("brier", figures.brier)
            writer.number("calibrationError", figures.reliability.calibrationError)
            writer.endObject()
        }
        endObject()
    }

    fileprivate mutating func write(_ promise: PromiseTrial, _ run: EvaluationRun) {
        key("promise")
        members(promise, run)
        array("promiseSizes", run.evaluation.promiseSizes) { $0.members($1, run) }
    }

    private mutating func members(_ promise: PromiseTrial, _ run: EvaluationRun) {
        beginObject()
        count("draws", promise.certified.draws)
        number("naive", promise.naive.share)
        number("certified", promise.certified.share)
        count("documentsAboveFloor", promise.documents)
        count("tuneSets", promise.certified.captures.count)
        for (name, record) in [("naive", promise.naive), ("certified", promise.certified)] {
            interval("\(name)Interval", record.interval)
            key("\(name)Kept")
            bool(!record.isBroken(delta: run.risk.delta))
            key("\(name)Failures")
            int(Int64(record.failures))
            key("\(name)WithoutThreshold")
            int(Int64(record.empty))
            key("\(name)MeanCapture")
            double(record.meanCapture)
            if let captures = record.captureInterval { interval("\(name)MeanCaptureInterval", captures) }
            for (target, accuracy) in zip(run.targets, record.meanAccuracies) {
                key("\(name)Mean\(target.target.rawValue.prefix(1).uppercased())\(target.target.rawValue.dropFirst())")
                if accuracy.isFinite { double(accuracy) } else { null() }
            }
        }
        endObject()
    }

    fileprivate mutating func write(_ procedures: [CodeFrequency], _ zipf: ZipfFit?) {
        array("procedures", Array(procedures.enumerated())) { writer, ranked in
            writer.beginObject()
            writer.count("rank", ranked.offset + 1)
            writer.text("code", ranked.element.code)
            writer.count("count", ranked.element.count)
            writer.endObject()
        }
        key("zipf")
        guard let zipf else { return null() }
        beginObject()
        number("exponent", zipf.exponent)
        number("leastSquaresExponent", zipf.leastSquaresExponent)
        number("leastSquaresIntercept", zipf.leastSquaresIntercept)
        number("rSquared", zipf.rSquared)
        endObject()
    }

    fileprivate mutating func write(_ importance: FeatureImportance) {
        beginObject()
        text("feature", importance.feature)
        text("head", importance.head.rawValue)
        number("gain", importance.gainShare)
        count("splits", importance.splits)
        endObject()
    }
}
