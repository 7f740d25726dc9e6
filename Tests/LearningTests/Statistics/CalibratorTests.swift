import Learning
import Testing

@Suite struct CalibratorTests {
    @Test func `calibrators are those of scikit-learn and of maximum likelihood`() throws {
        let rows = try ReferenceTable("calibrators").rows
        #expect(rows.count >= 20)
        for row in rows {
            let scores = row.numbers("scores")
            let labels = row.numbers("labels").map { $0 == 1 }
            let fits = [
                ("isotonic", Calibrator.isotonic(scores: scores, labels: labels), 1e-12),
                ("beta", Calibrator.beta(scores: scores, labels: labels), 1e-8),
                ("platt", Calibrator.platt(scores: scores, labels: labels), 1e-8),
            ]
            for (name, fit, tolerance) in fits {
                let calibrator = try #require(fit)
                for (point, value) in zip(row.numbers("points"), row.numbers(name)) {
                    let error = abs(calibrator(point) - value)
                    #expect(error < tolerance, "\(name) at \(point): \(calibrator(point)), should be \(value)")
                }
            }
        }
    }

    @Test(arguments: [12, 500])
    func `every calibrator is non-decreasing, and inside of 0 and 1`(count: Int) throws {
        var generator = SeededGenerator(seed: UInt64(count))
        let scores = (0..<count).map { _ in generator.unit() }
        let labels = scores.map { generator.unit() < $0 }
        for calibrator in [
            Calibrator.identity, try #require(Calibrator.isotonic(scores: scores, labels: labels)),
            try #require(Calibrator.beta(scores: scores, labels: labels)), try #require(Calibrator.platt(scores: scores, labels: labels)),
        ] {
            let values = [-1, 0, 1e-9] + (1..<100).map { Double($0) / 100 } + [1, 2]
            let calibrated = values.map { calibrator($0) }
            #expect(zip(calibrated, calibrated.dropFirst()).allSatisfy { $0 <= $1 }, "\(calibrator)")
            #expect(calibrated.allSatisfy { $0 >= 1e-6 && $0 <= 1 - 1e-6 })
            #expect(calibrator(.nan) == 1e-6)
        }
    }

    @Test func `scores that say the opposite are flattened, not turned round`() throws {
        let scores = (0..<200).map { Double($0) / 200 }
        let labels = scores.map { $0 < 0.5 }
        for fit in [
            Calibrator.isotonic(scores: scores, labels: labels), Calibrator.beta(scores: scores, labels: labels),
            Calibrator.platt(scores: scores, labels: labels),
        ] {
            let calibrator = try #require(fit)
            #expect(abs(calibrator(0.1) - 0.5) < 0.02 && abs(calibrator(0.9) - 0.5) < 0.02)
        }
    }

    @Test func `one class, or no labels, has no fit but the identity`() {
        #expect(Calibrator.beta(scores: [0.2, 0.4], labels: [true, true]) == nil)
        #expect(Calibrator.platt(scores: [], labels: []) == nil)
        #expect(Calibrator.isotonic(scores: [], labels: []) == nil)
        #expect(Calibrator.fitted(scores: [0.2], labels: [true]) == .identity)
    }

    @Test func `separable scores have a finite fit`() throws {
        let scores = (0..<40).map { Double($0) / 40 }
        let calibrator = try #require(Calibrator.beta(scores: scores, labels: scores.map { $0 > 0.5 }))
        #expect(calibrator(0.1) < 0.01 && calibrator(0.9) > 0.99)
    }
}
