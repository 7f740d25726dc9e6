import Glibc

/// A scale from values to places, with ticks at round values.
struct Axis {
    let range: ClosedRange<Double>
    let isLogarithmic: Bool
    let ticks: [Double]
    /// What is measured, with its unit.
    let label: String

    /// - Parameter tickCount: about how many.
    init(_ range: ClosedRange<Double>, label: String, tickCount: Int = 5) {
        let range = range.lowerBound < range.upperBound ? range : range.lowerBound...(range.lowerBound + 1)
        self.range = range
        self.label = label
        isLogarithmic = false
        let step = Axis.roundStep((range.upperBound - range.lowerBound) / Double(max(tickCount, 1)))
        let first = Int((range.lowerBound / step - 1e-9).rounded(.up))
        let last = Int((range.upperBound / step + 1e-9).rounded(.down))
        ticks = first <= last ? (first...last).map { Double($0) * step } : []
    }

    /// Powers of ten, over positive values.
    init(logarithmic range: ClosedRange<Double>, label: String) {
        self.range = range.lowerBound < range.upperBound ? range : range.lowerBound...(range.lowerBound * 10)
        self.label = label
        isLogarithmic = true
        var ticks: [Double] = []
        var tick = pow(10, log10(self.range.lowerBound).rounded(.up))
        while tick <= self.range.upperBound * 1.000_001 {
            ticks.append(tick)
            tick *= 10
        }
        self.ticks = ticks
    }

    /// Where a value stands between the ends, 0 to 1; values outside of the range are held at its ends.
    func place(_ value: Double) -> Double {
        let held = min(max(value, range.lowerBound), range.upperBound)
        return isLogarithmic
            ? log(held / range.lowerBound) / log(range.upperBound / range.lowerBound)
            : (held - range.lowerBound) / (range.upperBound - range.lowerBound)
    }

    /// Round bounds about values.
    static func around(_ values: [Double], step: Double, within bounds: ClosedRange<Double>) -> ClosedRange<Double> {
        let finite = values.filter(\.isFinite)
        let least = ((finite.min() ?? bounds.lowerBound) / step - 1e-9).rounded(.down) * step
        let greatest = ((finite.max() ?? bounds.upperBound) / step + 1e-9).rounded(.up) * step
        let lower = max(least, bounds.lowerBound)
        return lower...max(min(greatest, bounds.upperBound), lower)
    }

    /// 1, 2 or 5 times a power of ten, at least as large.
    private static func roundStep(_ step: Double) -> Double {
        let power = pow(10, log10(step).rounded(.down))
        for factor in [1.0, 2, 5] where factor * power >= step * 0.999 { return factor * power }
        return 10 * power
    }
}
