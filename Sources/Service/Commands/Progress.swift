/// Tells on standard error how far long work has come: a bar that is drawn again on a terminal, else a line now and then.
package final class Progress {
    /// Between two drawings of the bar.
    private static let barNanoseconds: UInt64 = 100_000_000
    /// Between two lines.
    private static let lineNanoseconds: UInt64 = 5_000_000_000
    private static let barCells = 30

    private let title: String
    private let isTerminal: Bool
    private let write: ([UInt8]) -> Void
    private let clock: () -> UInt64
    private let startedAt: UInt64
    private var shownAt: UInt64
    private var hasBar = false

    package init(
        title: String, isTerminal: Bool, clock: @escaping () -> UInt64, write: @escaping ([UInt8]) -> Void
    ) {
        self.title = title
        self.isTerminal = isTerminal
        self.write = write
        self.clock = clock
        startedAt = clock()
        shownAt = startedAt
    }

    /// On standard error, by the monotonic clock.
    package convenience init(title: String) {
        self.init(title: title, isTerminal: System.isTerminal(2), clock: SystemClock.monotonicNanoseconds) { bytes in
            // Progress that nobody can read is not a reason to stop.
            unsafe bytes.withUnsafeBytes { try? unsafe System.write(2, $0) }
        }
    }

    /// - Parameters:
    ///   - share: of the work that is done, 0…1; nil when the whole is not known.
    ///   - count: things done so far.
    package func update(share: Double?, count: Int, of noun: String) {
        update(share: share, text: "\(count) \(noun)", filled: share)
    }

    /// - Parameters:
    ///   - share: of the work that is done, 0…1, said as a percentage; nil to say none.
    ///   - filled: how much of the bar is.
    func update(share: Double?, text: @autoclosure () -> String, filled: Double?) {
        let now = clock()
        guard now - shownAt >= (isTerminal ? Progress.barNanoseconds : Progress.lineNanoseconds) else { return }
        shownAt = now
        let percent = share.map { "\(Int(($0 * 100).rounded(.down))) %" } ?? ""
        if isTerminal {
            let filled = filled.map { Int(Double(Progress.barCells) * min(1, max(0, $0))) } ?? 0
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Progress.barCells - filled)
            // Carriage return, then the line, then "erase to the end of the line" (ECMA-48 EL).
            write(Array("\r\(title) \(bar) \(percent.isEmpty ? "" : percent + " ")\(text())\u{1B}[K".utf8))
            hasBar = true
        } else {
            write(Array("\(title): \(percent.isEmpty ? "" : percent + ", ")\(text())\n".utf8))
        }
    }

    /// Takes the bar away.
    package func finish() {
        if hasBar { write(Array("\r\u{1B}[K".utf8)) }
        hasBar = false
    }

    /// Seconds since it was made.
    package var seconds: Double { Double(clock() - startedAt) / 1e9 }
}
