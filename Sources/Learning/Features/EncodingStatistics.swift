import Glibc
import Routing

/// How often each value of a text (or of two together) was seen in train, and how often it was right: by fold, so that a row's encoding can
/// leave out the fold of its own document.
struct EncodingStatistics {
    private let settings: FeatureSettings
    private let labelCount: Int
    private let priors: [Double]
    private var table = PairTable()
    private var keys: [(first: Int32, second: Int32)] = []
    /// By value, then fold.
    private var counts: [Int32] = []
    /// By value, then fold, then label.
    private var sums: [Float] = []
    /// By row of train: its value, or -1.
    private let valueOfRow: [Int32]
    private let folds: [UInt8]

    /// - Parameters:
    ///   - first: by row, the number of a text's value, or -1.
    ///   - second: the same of another text; nil for one text alone.
    ///   - labels: by label, then row: 0 or 1.
    ///   - folds: by row.
    init(first: [Int32], second: [Int32]?, labels: [[Float]], folds: [UInt8], settings: FeatureSettings) {
        self.settings = settings
        self.folds = folds
        labelCount = labels.count
        priors = labels.map { EncodingStatistics.prior($0) }
        var valueOfRow = [Int32](repeating: -1, count: first.count)
        let foldCount = settings.folds
        for row in first.indices {
            let second = second?[row] ?? 0
            guard first[row] >= 0, second >= 0 else { continue }
            var value = table.find(first[row], second)
            if value == PairTable.absent {
                value = Int32(keys.count)
                table.set(first[row], second, to: value)
                keys.append((first[row], second))
                counts.append(contentsOf: repeatElement(0, count: foldCount))
                sums.append(contentsOf: repeatElement(0, count: foldCount * labels.count))
            }
            valueOfRow[row] = value
            let cell = Int(value) * foldCount + Int(folds[row])
            counts[cell] += 1
            for label in labels.indices { sums[cell * labels.count + label] += labels[label][row] }
        }
        self.valueOfRow = valueOfRow
    }

    /// The mean of a label, away from 0 and 1.
    private static func prior(_ labels: [Float]) -> Double {
        let sum = labels.reduce(0.0) { $0 + Double($1) }
        return min(max(sum / Double(max(labels.count, 1)), 1e-4), 1 - 1e-4)
    }

    /// The columns of every row of train, each made without its fold; row by row.
    func outOfFold() -> [Float] {
        let width = labelCount + 1
        // A value and a fold have many rows: their columns are made once.
        var table: [Float] = []
        table.reserveCapacity((keys.count * settings.folds + 1) * width)
        for value in keys.indices {
            for fold in 0..<settings.folds { table += columns(value: value, without: fold) }
        }
        let absent = table.count
        table += columns(value: -1, without: nil)
        var all: [Float] = []
        all.reserveCapacity(valueOfRow.count * width)
        for row in valueOfRow.indices {
            let value = Int(valueOfRow[row])
            let start = value < 0 ? absent : (value * settings.folds + Int(folds[row])) * width
            all += table[start..<(start + width)]
        }
        return all
    }

    /// The log loss of the rates alone, out of fold, by label: how much the values tell.
    func losses(_ labels: [[Float]]) -> [Double] {
        labels.indices.map { label in
            // Rows without a value are what the cells do not have.
            var restCount = Double(valueOfRow.count)
            var restSum = labels[label].reduce(0.0) { $0 + Double($1) }
            var loss = 0.0
            for value in keys.indices {
                for fold in 0..<settings.folds {
                    let cell = value * settings.folds + fold
                    let count = Double(counts[cell])
                    if count == 0 { continue }
                    let sum = Double(sums[cell * labelCount + label])
                    let odds = Double(logOdds(value: value, label: label, without: fold))
                    loss += sum * softplus(-odds) + (count - sum) * softplus(odds)
                    restCount -= count
                    restSum -= sum
                }
            }
            let odds = logit(priors[label])
            loss += restSum * softplus(-odds) + (restCount - restSum) * softplus(odds)
            return loss / Double(max(valueOfRow.count, 1))
        }
    }

    /// The encoding as new documents will see it.
    func encoding(first: Int, second: Int?) -> FeatureSchema.Encoding {
        var rows = FeatureSchema.Encoding.Rows(firsts: [], seconds: [], columns: [])
        let known = keys.indices.filter { isKnown($0) }
            .sorted { (keys[$0].first, keys[$0].second) < (keys[$1].first, keys[$1].second) }
        for value in known {
            rows.firsts.append(keys[value].first)
            rows.seconds.append(keys[value].second)
            rows.columns += columns(value: value, without: nil)
        }
        return FeatureSchema.Encoding(first: first, second: second, prior: priors.map { Float(logit($0)) }, rows: rows)
    }

    private func columns(value: Int, without fold: Int?) -> [Float] {
        var columns = (0..<labelCount).map { logOdds(value: value, label: $0, without: fold) }
        guard value >= 0, isKnown(value) else { return columns + [0] }
        // As if all folds had been seen.
        let scale = fold == nil ? 1 : Double(settings.folds) / Double(settings.folds - 1)
        columns.append(Float(log1p(Double(count(value, without: fold)) * scale)))
        return columns
    }

    private func logOdds(value: Int, label: Int, without fold: Int?) -> Float {
        let prior = priors[label]
        guard value >= 0, isKnown(value) else { return Float(logit(prior)) }
        let weight = settings.priorWeight
        let sum = Double(sum(value, label, without: fold))
        return Float(logit((sum + weight * prior) / (Double(count(value, without: fold)) + weight)))
    }

    private func isKnown(_ value: Int) -> Bool { count(value, without: nil) >= settings.encodingSeenMin }

    private func count(_ value: Int, without fold: Int?) -> Int {
        var count = 0
        for other in 0..<settings.folds where other != fold { count += Int(counts[value * settings.folds + other]) }
        return count
    }

    private func sum(_ value: Int, _ label: Int, without fold: Int?) -> Float {
        var sum: Float = 0
        for other in 0..<settings.folds where other != fold { sum += sums[(value * settings.folds + other) * labelCount + label] }
        return sum
    }
}
