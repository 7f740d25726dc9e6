import Benchmark
import Validation

/// What comparing a value with its form costs, and what it costs at the most.
enum Values {
    private static let rows: [(name: String, pattern: String, value: String)] = [
        ("a date", #"^(19|20)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"#, "2026-01-31"),
        ("a diagnosis code", #"^[A-TV-Z]\d[0-9AB](\.[0-9A-Z]{1,4})?$"#, "I25.10"),
        ("a name", #"^[A-Za-z][A-Za-z'\-]+(,)?( [A-Za-z'\-]+)+$"#, "Miller, Anna Maria"),
    ]

    static func register() {
        for (name, pattern, value) in rows {
            let formats = { FieldFormats([FieldSchema(documentType: "form", fields: [.init(name: "field", pattern: pattern)])]) }
            Benchmark("Validation: compare \(name)") { benchmark in
                let formats = formats()
                for _ in benchmark.scaledIterations { blackHole(formats.isViolated(by: value, ofField: "field", in: "form")) }
            }
        }
        let bomb = String(repeating: "a", count: 1_000) + "!"
        Benchmark("Validation: give up (a+)+ on 1,001 bytes", configuration: .init(scalingFactor: .one)) { benchmark in
            guard let pattern = try? Pattern("^(a+)+$") else { return }
            let matcher = PatternMatcher()
            for _ in benchmark.scaledIterations { blackHole(pattern.verdict(on: bomb, by: matcher)) }
        }
    }
}
