import JSON
import Testing

@testable import Learning

/// Our own walk of trees beside XGBoost's.
struct ForestTests {
    private static let width = 7

    /// Rows of small whole numbers, so that many values equal thresholds, with missing ones among them.
    private static func rows(_ count: Int, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<(count * width)).map { _ in
            let draw = generator.below(10)
            return draw == 9 ? .nan : draw == 8 ? Float(generator.unit()) * 1e30 - 5e29 : Float(generator.below(5)) / 3
        }
    }

    private static func trained(rounds: Int) throws -> (booster: Booster, forest: Forest) {
        let rows = rows(600, seed: 3)
        var generator = SeededGenerator(seed: 4)
        let labels = (0..<600).map { row -> Float in
            let value = rows[row * width]
            return generator.unit() < (value.isNaN ? 0.7 : value > 0.6 ? 0.8 : 0.2) ? 1 : 0
        }
        let matrix = try DataMatrix(rows, width: width)
        try matrix.setLabels(labels)
        var settings = BoostingSettings()
        settings.childWeightMin = 0
        settings.gainMin = 0
        let booster = try Booster(for: [matrix], parameters: settings.parameters(seed: 1))
        for round in 0..<rounds { try booster.train(round: round, on: matrix) }
        let forest = try JSONParser(depthMax: 64).parse(try booster.json()) { Forest(xgboost: $0, width: width) }
        return (booster, try #require(forest))
    }

    private static func margins(_ forest: Forest, _ rows: [Float]) -> [Float] {
        var laidOut = [Float](repeating: 0, count: 2 * width)
        return stride(from: 0, to: rows.count, by: width).map { start in
            do {
                var span = laidOut.mutableSpan
                Forest.layOut(rows.span.extracting(start..<(start + width)), into: &span)
            }
            return forest.margin(laidOut.span)
        }
    }

    // Numbers of trees around the eight that are walked side by side.
    @Test(arguments: [1, 7, 8, 9, 40])
    func `walks give what XGBoost predicts, on equal values and missing ones too`(rounds: Int) throws {
        let (booster, forest) = try Self.trained(rounds: rounds)
        #expect(forest.treeCount == rounds)
        let rows = Self.rows(3_000, seed: 9)
        let theirs = try booster.predict(try DataMatrix(rows, width: Self.width), .margin)
        let ours = Self.margins(forest, rows)
        let worst = zip(ours, theirs).map { abs($0 - $1) }.max() ?? 1
        #expect(worst <= 1e-6, "\(worst)")
    }

    @Test func `a base score is added as log-odds`() throws {
        let tree = Forest.Tree(lefts: [-1], rights: [-1], features: [0], thresholds: [0.25], defaultsLeft: [false])
        let forest = try #require(Forest(trees: [tree], bias: 1.5, width: Self.width))
        #expect(Self.margins(forest, [Float](repeating: 0, count: Self.width)) == [1.75])
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var lefts: [Int]
        var rights: [Int]
        var features: [Int]
    }

    @Test(arguments: [
        Row(testDescription: "a child outside", lefts: [1, -1, -1], rights: [3, -1, -1], features: [0, 0, 0]),
        Row(testDescription: "a child that is its parent", lefts: [0, -1, -1], rights: [2, -1, -1], features: [0, 0, 0]),
        Row(testDescription: "a feature outside", lefts: [1, -1, -1], rights: [2, -1, -1], features: [ForestTests.width, 0, 0]),
        Row(testDescription: "a feature below zero", lefts: [1, -1, -1], rights: [2, -1, -1], features: [-2, 0, 0]),
        Row(testDescription: "arrays of two lengths", lefts: [1, -1, -1], rights: [2, -1], features: [0, 0, 0]),
        Row(testDescription: "no node", lefts: [], rights: [], features: []),
    ])
    func `what is no tree makes no forest`(row: Row) {
        let tree = Forest.Tree(
            lefts: row.lefts, rights: row.rights, features: row.features, thresholds: [Float](repeating: 0, count: row.lefts.count),
            defaultsLeft: [Bool](repeating: true, count: row.lefts.count))
        #expect(Forest(trees: [tree], bias: 0, width: Self.width) == nil)
    }
}
