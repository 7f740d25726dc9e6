import Routing
import Testing

@testable import Learning

/// Thresholds of fields: what is counted, and how a family of them shares its risk.
@Suite struct FieldThresholdTests {
    private static let validity: Validity = Validity(issued: CivilDate(days: 20_000), codeSets: CodeSet.allCases)

    private static func key(_ field: String, type: String = "form") -> FieldKey { FieldKey(documentType: type, field: field) }

    private static func request(_ accuracy: Double, _ change: (inout FieldThresholdRequest) -> Void = { _ in }) throws
        -> FieldThresholdRequest
    {
        var request = FieldThresholdRequest(accuracy: accuracy, risk: try #require(Risk(delta: 0.05)))
        change(&request)
        return request
    }

    /// One reading a document of a field, its score uniform, wrong with a probability that does not depend on it.
    private static func stream(_ key: FieldKey, _ count: Int, errorRate: Double, _ generator: inout SeededGenerator) -> [FieldReading] {
        (0..<count).map { document in
            FieldReading(key: key, document: document, score: generator.unit(), isWrong: generator.unit() < errorRate)
        }
    }

    // MARK: Counts

    @Test func `the naive threshold, its capture and each field's accuracy are those counted by hand`() throws {
        let name = Self.key("name")
        let date = Self.key("date")
        // Of the names 0.9, 0.8 (wrong), 0.7, 0.6, 0.5 (no score): at 0.6 three of four are right, at 0.8 one of two.
        let scores: [(Double?, Bool)] = [(0.9, false), (0.8, true), (0.7, false), (0.6, false), (nil, false)]
        let readings =
            scores.enumerated().map { FieldReading(key: name, document: $0.offset, score: $0.element.0, isWrong: $0.element.1) }
            + [FieldReading(key: date, document: 0, score: 0.4, isWrong: true)]
        let request = try Self.request(0.7)
        let pools = FieldPool.pools([name, date], .field, kinds: [:])
        let plan = try FieldPlan.freeze(request, pools: pools, tune: readings, certify: readings.map(UnreadReading.init))
        let found = try plan.certify(readings, validity: Self.validity)
        let names = try #require(found.pools.first { $0.pool.name == "form/name" })
        #expect(names.naiveThreshold == 0.6)
        #expect(names.naive.count == 4 && names.naive.wrong == 1 && names.naive.of == 5 && names.naive.share == 0.8)
        #expect(names.readings.accuracy.accuracy == 0.8)
        // Clopper–Pearson, 4 of 5.
        #expect(abs(names.readings.accuracy.lower - 0.2835820638819199) < 1e-12)
        #expect(names.threshold == nil && names.certified.count == 0)
        let dates = try #require(found.pools.first { $0.pool.name == "form/date" })
        #expect(dates.naiveThreshold == nil && dates.readings.accuracy.accuracy == 0)
        // Together: four of six, one wrong.
        #expect(found.naive.of == 6 && found.naive.count == 4 && found.naive.wrong == 1)
    }

    @Test func `a document counts once by its share of right readings, or each reading for itself`() {
        // Two of two right, none of one, one not accepted.
        let readings = [(0, 0.9, false), (0, 0.8, false), (1, 0.7, true), (2, 0.1, true)].map {
            FieldReading(key: Self.key("f\($0.1)"), document: $0.0, score: $0.1, isWrong: $0.2)
        }
        let set = FieldCapture(readings) { $0.score ?? 0 >= 0.5 }
        #expect(set.of == 4 && set.count == 3 && set.wrong == 1 && set.accuracy.clusters == 2)
        #expect(set.accuracy.accuracy == 2.0 / 3 && set.documentAccuracy == 0.5)
        #expect(FieldCapture([]).documentAccuracy == nil && FieldCapture([]).accuracy.accuracy == nil)
    }

    @Test(arguments: [(0.98, 149), (0.95, 59)])
    func `a field alone needs as many values without an error as the exact test does`(accuracy: Double, errorless: Int) throws {
        let key = Self.key("name")
        var generator = SeededGenerator(seed: 1)
        let tune = Self.stream(key, 40, errorRate: 0, &generator)
        let pools = FieldPool.pools([key], .field, kinds: [:])
        let plan = try FieldPlan.freeze(
            try Self.request(accuracy), pools: pools, tune: tune, certify: tune.prefix(10).map(UnreadReading.init))
        #expect(plan.openedCount == 0 && plan.pools[0].errorless == errorless)
        let enough = Self.stream(key, errorless, errorRate: 0, &generator)
        // Of some pool's readings a few always stand below the loosest score of another: tune and certify are the same here.
        let opened = try FieldPlan.freeze(try Self.request(accuracy), pools: pools, tune: enough, certify: enough.map(UnreadReading.init))
        let found = try opened.certify(enough, validity: Self.validity)
        #expect(found.pools[0].certified.count == errorless)
        let fewer = Array(enough.dropLast())
        let unopened = try FieldPlan.freeze(try Self.request(accuracy), pools: pools, tune: fewer, certify: fewer.map(UnreadReading.init))
        #expect(try unopened.certify(fewer, validity: Self.validity).pools[0].threshold == nil)
    }

    @Test func `pools are by field, kind, type or all, and bets are sized for the most fields a document can have`() {
        let keys = [Self.key("a"), Self.key("b"), Self.key("c", type: "letter")]
        let kinds = [keys[0]: "date", keys[1]: "text", keys[2]: "date"]
        func pools(_ pooling: FieldPooling) -> [[String]] {
            FieldPool.pools(keys, pooling, kinds: kinds).map { [$0.name] + $0.members.map(\.field) }
        }
        #expect(pools(.field) == [["form/a", "a"], ["form/b", "b"], ["letter/c", "c"]])
        #expect(pools(.kind) == [["date", "a", "c"], ["text", "b"]])
        #expect(pools(.type) == [["form", "a", "b"], ["letter", "c"]])
        #expect(pools(.all) == [["all fields", "a", "b", "c"]])
        #expect(FieldPool.pools(keys, .all, kinds: kinds)[0].readingsMax == 2)
        #expect(FieldPool.pools(keys, .kind, kinds: kinds)[0].readingsMax == 1)
    }

    // MARK: The family

    @Test func `fields without hope are not opened, and take nothing of the risk`() throws {
        var generator = SeededGenerator(seed: 2)
        let good = (0..<3).map { Self.key("good\($0)") }
        let small = (0..<5).map { Self.key("small\($0)") }
        let tune = (good + small).flatMap { Self.stream($0, 80, errorRate: 0.002, &generator) }
        let pools = FieldPool.pools(good + small, .field, kinds: [:])
        let certify =
            good.flatMap { Self.stream($0, 400, errorRate: 0, &generator) }
            + small.flatMap { Self.stream($0, 20, errorRate: 0, &generator) }
        let plan = try FieldPlan.freeze(try Self.request(0.95), pools: pools, tune: tune, certify: certify.map(UnreadReading.init))
        #expect(plan.pools.filter { $0.plan != nil }.map(\.pool.name) == good.map { "form/\($0.field)" })
        #expect(plan.level == 0.05 / 3)
        #expect(plan.pools.compactMap(\.plan).allSatisfy { $0.level == 0.05 / 3 })
    }

    /// Eight fields of which every threshold breaks the promise: whatever is certified is wrong. Tune flatters them, so that all are opened.
    @Test func `that any field of a family is certified wrongly stays within the risk, and without sharing it does not`() throws {
        var generator = SeededGenerator(seed: 3)
        let keys = (0..<8).map { Self.key("null\($0)") }
        let tune = keys.flatMap { Self.stream($0, 80, errorRate: 0.01, &generator) }
        let pools = FieldPool.pools(keys, .field, kinds: [:])
        func certify(_ key: FieldKey) -> [FieldReading] {
            // Scores above the floor, whatever it is.
            Self.stream(key, 100, errorRate: 0.1, &generator).map {
                FieldReading(key: key, document: $0.document, score: 0.5 + ($0.score ?? 0) / 2, isWrong: $0.isWrong)
            }
        }
        let family = try FieldPlan.freeze(
            try Self.request(0.9), pools: pools, tune: tune, certify: keys.flatMap(certify).map(UnreadReading.init))
        #expect(family.openedCount == 8)
        let runs = 100
        // Alone: by the same tests, each at the whole risk.
        var failures = (family: 0, alone: 0)
        for _ in 0..<runs {
            var isWrong = (family: false, alone: false)
            for (key, plan) in zip(keys, family.pools) {
                let documents = plan.pool.documents(certify(key))
                let outcome = try plan.plan?.certify(documents, validity: Self.validity).outcome
                if outcome?.threshold != nil { isWrong.family = true }
                if try #require(outcome?.rows.first).pValue <= 0.05 { isWrong.alone = true }
            }
            if isWrong.family { failures.family += 1 }
            if isWrong.alone { failures.alone += 1 }
        }
        #expect(ClopperPearson.lower(successes: failures.family, trials: runs, tail: 0.01) <= 0.05, "\(failures)")
        #expect(ClopperPearson.lower(successes: failures.alone, trials: runs, tail: 0.01) > 0.05, "\(failures)")
    }

    @Test(arguments: [FieldWeight.fields, .documents])
    func `a pool is certified over documents, can be computed again, and shows its worst member`(weight: FieldWeight) throws {
        var generator = SeededGenerator(seed: 5)
        let keys = (0..<3).map { Self.key("f\($0)") }
        // Below 0.3 half is wrong; above nothing but in the last field, where 3 % is.
        func documents(_ range: Range<Int>) -> [FieldReading] {
            range.flatMap { document in
                keys.enumerated().map { index, key in
                    let score = generator.unit()
                    let errorRate = score < 0.3 ? 0.5 : index == 2 ? 0.03 : 0
                    return FieldReading(key: key, document: document, score: score, isWrong: generator.unit() < errorRate)
                }
            }
        }
        let (tune, certify) = (documents(0..<400), documents(400..<2_000))
        let request = try Self.request(0.95) {
            $0.pooling = .all
            $0.weight = weight
        }
        let pools = FieldPool.pools(keys, .all, kinds: [:])
        let plan = try FieldPlan.freeze(request, pools: pools, tune: tune, certify: certify.map(UnreadReading.init))
        let found = try plan.certify(certify, validity: Self.validity)
        let pool = try #require(found.pools.first)
        let threshold = try #require(pool.threshold)
        #expect(0.15...0.35 ~= threshold)
        let certificate = try #require(pool.certificate)
        #expect(certificate.plan.targets.map(\.test) == [weight == .fields ? .betting : .bettingOnShares])
        let verified = certificate.verify(tune: pools[0].documents(tune), certify: pools[0].documents(certify))
        #expect(verified.isSound && verified.pValuesRecomputed && verified.documentsCounted && verified.planRemade)
        let worst = pool.members.min { ($0.certified.accuracy.accuracy ?? 1) < ($1.certified.accuracy.accuracy ?? 1) }
        #expect(worst?.key == keys[2])
        #expect(try plan.certify(certify, validity: Self.validity) == found)
    }
}
