import Glibc

/// A logistic model of a few columns by maximum likelihood: Newton's method with step halving. The last coefficient is the intercept.
///
/// Targets may be any numbers in [0, 1]. A tiny ridge (1e-12 of the mean curvature) keeps collinear columns solvable; separable data stops
/// after `stepsMax` steps with large but finite coefficients.
struct LogisticFit {
    private(set) var coefficients: [Double]

    private static let stepsMax = 100

    init(columns: [[Double]], targets: [Double]) {
        let width = columns.count + 1
        let count = targets.count
        let share = min(max(targets.reduce(0, +) / Double(count), 1e-9), 1 - 1e-9)
        coefficients = Array(repeating: 0, count: width)
        coefficients[width - 1] = logit(share)
        var loss = LogisticFit.loss(columns, targets, coefficients)
        for _ in 0..<LogisticFit.stepsMax {
            let (gradient, curvature) = LogisticFit.derivatives(columns, targets, coefficients)
            guard let step = LogisticFit.solved(curvature, gradient) else { return }
            var scale = 1.0
            var next = coefficients
            var nextLoss = Double.infinity
            while scale > 1e-12 {
                next = zip(coefficients, step).map { $0 - scale * $1 }
                nextLoss = LogisticFit.loss(columns, targets, next)
                if nextLoss <= loss { break }
                scale /= 2
            }
            guard nextLoss <= loss else { return }
            let moved = zip(step, next).map { abs(scale * $0) / max(1, abs($1)) }.max() ?? 0
            coefficients = next
            loss = nextLoss
            if moved < 1e-13 { return }
        }
    }

    private static func predictor(_ columns: [[Double]], _ row: Int, _ coefficients: [Double]) -> Double {
        var sum = coefficients[columns.count]
        for column in columns.indices { sum += coefficients[column] * columns[column][row] }
        return sum
    }

    private static func loss(_ columns: [[Double]], _ targets: [Double], _ coefficients: [Double]) -> Double {
        var sum = 0.0
        for row in targets.indices {
            let value = predictor(columns, row, coefficients)
            sum += softplus(value) - targets[row] * value
        }
        return sum
    }

    private static func derivatives(_ columns: [[Double]], _ targets: [Double], _ coefficients: [Double]) -> ([Double], [[Double]]) {
        let width = columns.count + 1
        var gradient = [Double](repeating: 0, count: width)
        var curvature = [[Double]](repeating: gradient, count: width)
        for row in targets.indices {
            let probability = logistic(predictor(columns, row, coefficients))
            let weight = probability * (1 - probability)
            for i in 0..<width {
                let x = i < columns.count ? columns[i][row] : 1
                gradient[i] += (probability - targets[row]) * x
                for k in 0...i { curvature[i][k] += weight * x * (k < columns.count ? columns[k][row] : 1) }
            }
        }
        var trace = 0.0
        for i in 0..<width {
            trace += curvature[i][i]
            for k in 0..<i { curvature[k][i] = curvature[i][k] }
        }
        for i in 0..<width { curvature[i][i] += 1e-12 * trace / Double(width) }
        return (gradient, curvature)
    }

    /// Gaussian elimination with pivoting; nil for a singular matrix.
    private static func solved(_ matrix: [[Double]], _ right: [Double]) -> [Double]? {
        var rows = zip(matrix, right).map { $0 + [$1] }
        let width = right.count
        for column in 0..<width {
            guard let pivot = (column..<width).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) }), rows[pivot][column] != 0
            else { return nil }
            rows.swapAt(column, pivot)
            for row in 0..<width where row != column {
                let factor = rows[row][column] / rows[column][column]
                for k in column...width { rows[row][k] -= factor * rows[column][k] }
            }
        }
        return (0..<width).map { rows[$0][width] / rows[$0][$0] }
    }
}
