import Learning
import Testing

/// Tests that are run where the error rate is exactly the one they should refuse: how often they pass all the same.
@Suite struct LevelTests {
    static let runs = 2000

    /// Passes of a test, over runs on documents that `draw` makes.
    static func passes(
        _ documents: Int, seed: UInt64, level: Double = 0.05, draw: (inout SeededGenerator) -> CodeCount, test: ([CodeCount]) -> Double
    ) -> Int {
        var generator = SeededGenerator(seed: seed)
        return (0..<runs).count { _ in test((0..<documents).map { _ in draw(&generator) }) <= level }
    }

    static func kornGraubard(_ counts: [CodeCount], errorRate: Double, codesMax: Int, isGuarded: Bool = true) -> Double {
        var sums = ClusterSums()
        for count in counts { sums.add(count) }
        return KornGraubard.pValue(sums.summary, errorRate: errorRate, codesMax: codesMax, isGuarded: isGuarded)
    }

    /// Whether so many passes are no proof of more than 5 %.
    static func isWithinLevel(_ passes: Int) -> Bool { ClopperPearson.lower(successes: passes, trials: runs, tail: 0.01) <= 0.05 }

    /// 14 fields a document, and one document in 50 with half of them wrong: 1 % of fields, in even clusters.
    static func evenClusters(_ generator: inout SeededGenerator) -> CodeCount {
        CodeCount(codes: 14, wrong: generator.unit() < 0.02 ? 7 : 0)
    }

    /// 14 fields a document: now and then one is wrong, and in one document of 200 all are: 1 % of fields together. A sample without such a
    /// document (a fifth of those of 300) looks better than the stream is, and less clustered.
    static func rareDisasters(_ generator: inout SeededGenerator) -> CodeCount {
        let draw = generator.unit()
        return CodeCount(codes: 14, wrong: draw < 0.005 ? 14 : draw < 0.075 ? 1 : 0)
    }

    /// One or two codes a note, 2 % wrong, errors of a note together.
    static func codes(_ generator: inout SeededGenerator) -> CodeCount {
        let codes = generator.unit() < 0.3 ? 2 : 1
        return CodeCount(codes: codes, wrong: generator.unit() < 0.02 ? codes : 0)
    }

    /// Nothing that is computed from the sample alone can see what did not happen in it.
    @Test func `Korn–Graubard does not where rare documents are wrong throughout, and betting does`() {
        let plain = Self.passes(300, seed: 2, draw: Self.rareDisasters) {
            Self.kornGraubard($0, errorRate: 0.01, codesMax: 14, isGuarded: false)
        }
        #expect(!Self.isWithinLevel(plain), "\(plain) of \(Self.runs)")
        let strict = Self.passes(300, seed: 2, draw: Self.rareDisasters) {
            BettingTest.pValue($0, errorRate: 0.01, codesMax: 14, stake: 0.7)
        }
        #expect(Self.isWithinLevel(strict), "\(strict) of \(Self.runs)")
    }

    /// Streams of one or two codes a note with `errorRate` of the codes wrong: how errors come together, and the share of notes with two.
    enum Together: String, CaseIterable { case wholly, apart, longNotesWholly, halfWhollyHalfSingly }

    static func notes(_ together: Together, long: Double, errorRate: Double) -> (inout SeededGenerator) -> CodeCount {
        let mean = 1 + long
        return { generator in
            let codes = generator.unit() < long ? 2 : 1
            let draw = generator.unit()
            switch together {
            case .wholly: return CodeCount(codes: codes, wrong: draw < errorRate ? codes : 0)
            case .apart:
                return CodeCount(codes: codes, wrong: (draw < errorRate ? 1 : 0) + (codes == 2 && generator.unit() < errorRate ? 1 : 0))
            case .longNotesWholly: return CodeCount(codes: codes, wrong: codes == 2 && draw < errorRate * mean / (2 * long) ? 2 : 0)
            case .halfWhollyHalfSingly:
                let (whole, single) = (codes == 2 ? errorRate * mean / (4 * long) : 0, errorRate * mean / 2)
                return CodeCount(codes: codes, wrong: draw < whole ? 2 : draw < whole + single ? 1 : 0)
            }
        }
    }

    /// By the level, the errors expected and what is measured for these streams (docs/evaluation.md, scripts/test-sizes.py), with what chance
    /// adds to 2,000 runs.
    @Test(
        arguments: [(0.05, 12.0, 0.05), (0.05, 20, 0.05), (0.05, 4, 0.05), (0.025, 12, 0.027), (0.0125, 12, 0.0127)],
        Together.allCases)
    func `Korn–Graubard as plans take it keeps its level for notes of one or two codes`(
        row: (level: Double, errors: Double, size: Double), together: Together
    ) {
        let errorRate = 0.05
        let documents = Int(row.errors / errorRate)
        let isGuarded = KornGraubard.isGuarded(clusters: documents, errorRate: errorRate, codesMax: 2, level: row.level)
        #expect(isGuarded == !(row.level == 0.05 && row.errors >= 12))
        for (seed, long) in [(11, 0.15), (12, 0.5)] as [(UInt64, Double)] {
            let passes = Self.passes(documents, seed: seed, level: row.level, draw: Self.notes(together, long: long, errorRate: errorRate))
            {
                Self.kornGraubard($0, errorRate: errorRate, codesMax: 2, isGuarded: isGuarded)
            }
            #expect(ClopperPearson.lower(successes: passes, trials: Self.runs, tail: 0.001) <= row.size, "\(passes) of \(Self.runs)")
        }
    }

    @Test(arguments: [240, 400])
    func `and for notes of up to four codes where enough errors are expected`(documents: Int) {
        let passes = Self.passes(documents, seed: 13) { generator in
            let codes = 1 + generator.below(4)
            return CodeCount(codes: codes, wrong: generator.unit() < 0.05 ? codes : 0)
        } test: {
            Self.kornGraubard($0, errorRate: 0.05, codesMax: 4)
        }
        #expect(Self.isWithinLevel(passes), "\(passes) of \(Self.runs)")
    }

    @Test(arguments: [200, 900])
    func `betting keeps its level at every size`(documents: Int) {
        let notes = Self.passes(documents, seed: 4, draw: Self.codes) {
            BettingTest.pValue($0, errorRate: 0.02, codesMax: 2, stake: 0.5)
        }
        #expect(Self.isWithinLevel(notes), "\(notes) of \(Self.runs)")
        let fields = Self.passes(documents, seed: 5, draw: Self.evenClusters) {
            BettingTest.pValue($0, errorRate: 0.01, codesMax: 14, stake: 0.5)
        }
        #expect(Self.isWithinLevel(fields), "\(fields) of \(Self.runs)")
    }

    /// A document with one field more often has it wrong: the mean over documents is 5 %, that over fields less.
    static func unevenShares(_ generator: inout SeededGenerator) -> CodeCount {
        if generator.unit() < 0.5 { return CodeCount(codes: 1, wrong: generator.unit() < 0.08 ? 1 : 0) }
        return CodeCount(codes: 14, wrong: generator.unit() < 0.02 ? 14 : 0)
    }

    @Test func `one planned stake keeps the level of fields, and of documents' shares`() {
        let stake = 0.95
        let fields = Self.passes(150, seed: 6, draw: Self.rareDisasters) {
            BettingTest.pValue($0, errorRate: 0.01, codesMax: 14, stake: stake)
        }
        #expect(Self.isWithinLevel(fields), "\(fields) of \(Self.runs)")
        let shares = Self.passes(150, seed: 7, draw: Self.unevenShares) { BettingTest.pValue(shares: $0, errorRate: 0.05, stake: stake) }
        #expect(Self.isWithinLevel(shares), "\(shares) of \(Self.runs)")
    }
}
