import Benchmark
import JSON
import Routing

/// What one decision costs outside of the kernel, in parts: reading a head and a body, scoring its items, writing the answer.
///
/// `swift package benchmark` runs all. A decision is of 20 items: divide for the cost of one. Machines are noisy: compare rows of one run.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock],
        timeUnits: .nanoseconds, warmupIterations: 3, scalingFactor: .kilo, maxDuration: .seconds(2), maxIterations: 2_000)
    let body = Sample.body()
    let padded = body + [UInt8](repeating: 0, count: JSONParser.padding)
    let result = Sample.result(body)

    Heads.register()
    Values.register()
    Benchmark("JSON: parse a 2 KB body of 20 fields") { benchmark in
        let parser = JSONParser()
        for _ in benchmark.scaledIterations { blackHole(Sample.kind(padded, body.count, parser)) }
    }
    Benchmark("JSON: parse and read a 2 KB body of 20 fields") { benchmark in
        let parser = JSONParser()
        for _ in benchmark.scaledIterations { blackHole(Sample.read(padded, body.count, parser)) }
    }
    for rules in [0, 10, 1_000, 100_000] {
        let policies = Sample.policies(rules: rules, for: result)
        Benchmark("Routing: decide 20 fields by \(rules) rules") { benchmark in
            for _ in benchmark.scaledIterations {
                blackHole(policies.decide(result, decidedAt: Instant(milliseconds: 1_772_440_258_000), hash: 7, saltId: 3))
            }
        }
    }
    for rules in [10, 1_000, 100_000] {
        let policies = Sample.codePolicies(rules: rules)
        let coded = Sample.codedResult(rules: rules)
        Benchmark("Routing: decide 20 pairs by \(rules) rules and floors, each with prefixes") { benchmark in
            for _ in benchmark.scaledIterations {
                blackHole(policies.decide(coded, decidedAt: Instant(milliseconds: 1_772_440_258_000), hash: 7, saltId: 3))
            }
        }
    }
    for rules in [10, 1_000, 100_000] {
        let policies = Sample.numberedPolicies(rules: rules)
        let results = Sample.numberedResults(rules: rules)
        Benchmark("Routing: decide 20 fields by \(rules) rules, other fields each time") { benchmark in
            for round in benchmark.scaledIterations {
                let result = results[round % results.count]
                blackHole(policies.decide(result, decidedAt: Instant(milliseconds: 1_772_440_258_000), hash: 7, saltId: 3))
            }
        }
    }
    Benchmark("JSON: write an answer of 20 items") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(Sample.write(result)) }
    }
    Benchmark("Routing: format a time") { benchmark in
        var bytes: [UInt8] = []
        for _ in benchmark.scaledIterations {
            bytes.removeAll(keepingCapacity: true)
            Instant(milliseconds: 1_772_440_258_123).append(to: &bytes)
            blackHole(bytes.count)
        }
    }
    Benchmark("JSON: write 1,000 bytes of text") { benchmark in
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000)
        var writer = JSONWriter(reserving: 2_048)
        for _ in benchmark.scaledIterations {
            writer.bytes.removeAll(keepingCapacity: true)
            writer.string(utf8: text)
            blackHole(writer.bytes.count)
        }
    }
}
