import Learning
import Testing

/// Tests that are run where the error rate is exactly the one they should refuse: how often they pass all the same.
@Suite struct LevelTests {
    static let runs = 2000

    /// Passes of a test, over runs on documents that `draw` makes.
    static func passes(_ documents: Int, seed: UInt64, draw: (inout SeededGenerator) -> CodeCount, test: ([CodeCount]) -> Double) -> Int {
        var generator = SeededGenerator(seed: seed)
        return (0..<runs).count { _ in test((0..<documents).map { _ in draw(&generator) }) <= 0.05 }
    }

    static func kornGraubard(_ counts: [CodeCount], errorRate: Double, isCorrected: Bool) -> Double {
        var sums = ClusterSums()
        for count in counts { sums.add(count) }
        return KornGraubard.pValue(sums.summary, errorRate: errorRate, level: 0.05, isCorrected: isCorrected)
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

    @Test(arguments: [100, 300, 700])
    func `corrected Korn–Graubard keeps its level for fields in even clusters`(documents: Int) {
        let passes = Self.passes(documents, seed: 1, draw: Self.evenClusters) { Self.kornGraubard($0, errorRate: 0.01, isCorrected: true) }
        #expect(Self.isWithinLevel(passes), "\(passes) of \(Self.runs)")
    }

    /// Nothing that is computed from the sample alone can see what did not happen in it.
    @Test func `Korn–Graubard does not where rare documents are wrong throughout, and betting does`() {
        let corrected = Self.passes(300, seed: 2, draw: Self.rareDisasters) { Self.kornGraubard($0, errorRate: 0.01, isCorrected: true) }
        #expect(!Self.isWithinLevel(corrected), "\(corrected) of \(Self.runs)")
        let strict = Self.passes(300, seed: 2, draw: Self.rareDisasters) { BettingTest.pValue($0, errorRate: 0.01, codesMax: 14) }
        #expect(Self.isWithinLevel(strict), "\(strict) of \(Self.runs)")
    }

    @Test(arguments: [200, 700])
    func `Korn–Graubard keeps its level for notes of one or two codes`(documents: Int) {
        let passes = Self.passes(documents, seed: 3, draw: Self.codes) { Self.kornGraubard($0, errorRate: 0.02, isCorrected: false) }
        #expect(Self.isWithinLevel(passes), "\(passes) of \(Self.runs)")
    }

    @Test(arguments: [200, 900])
    func `betting keeps its level at every size`(documents: Int) {
        let notes = Self.passes(documents, seed: 4, draw: Self.codes) { BettingTest.pValue($0, errorRate: 0.02, codesMax: 2) }
        #expect(Self.isWithinLevel(notes), "\(notes) of \(Self.runs)")
        let fields = Self.passes(documents, seed: 5, draw: Self.evenClusters) { BettingTest.pValue($0, errorRate: 0.01, codesMax: 14) }
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
            BettingTest.pValue($0, errorRate: 0.01, codesMax: 14, stakes: [stake])
        }
        #expect(Self.isWithinLevel(fields), "\(fields) of \(Self.runs)")
        let shares = Self.passes(150, seed: 7, draw: Self.unevenShares) { BettingTest.pValue(shares: $0, errorRate: 0.05, stakes: [stake]) }
        #expect(Self.isWithinLevel(shares), "\(shares) of \(Self.runs)")
    }
}
