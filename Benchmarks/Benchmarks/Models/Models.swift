import Benchmark
import Learning
import Routing

/// What a model's assessment costs: a note of two pairs, its features and the walks of 260 trees for each pair, on one thread.
///
/// `swift package benchmark --filter 'Models.*'`. It runs on one thread, so wall time is CPU time where nothing else runs; the model is trained at start, which takes some seconds.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock], timeUnits: .nanoseconds, warmupIterations: 3, scalingFactor: .kilo,
        maxDuration: .seconds(4), maxIterations: 2_000)
    var maker = Notes(seed: 1)
    let notes = maker.notes(3_000)
    let pairs = notes.filter { $0.items.count == 2 }
    guard let model = Notes.model(of: notes) else { preconditionFailure("no model was trained") }

    Benchmark("Models: assess a note of two pairs") { benchmark in
        let assessor = Assessor(model)
        var assessment = Assessment()
        for round in benchmark.scaledIterations {
            assessor.assess(pairs[round % pairs.count], into: &assessment)
            blackHole(assessment.score)
        }
    }
    Benchmark("Models: the features of a note of two pairs") { benchmark in
        let builder = FeatureBuilder(model.schema)
        for round in benchmark.scaledIterations {
            builder.build(pairs[round % pairs.count])
            blackHole(builder.rowCount)
        }
    }
}
