import API
package import Ledger

/// The command `replay`: every logged decision is computed again from the log alone and compared with what was answered.
package struct ReplayLog {
    package static let shownMax = 20

    package private(set) var equal = 0
    package private(set) var different = 0

    package init() {}

    /// - Parameter report: gets the first differences, in words without values.
    package mutating func run(_ ledger: Ledger, salt: [UInt8], progress: Progress, report: (String) -> Void) throws {
        let replayer = Replayer(ledger: ledger, salt: salt)
        let total = try ledger.decisionCount()
        try ledger.forEachDecision(after: 0) { logged in
            if let difference = try replayer.difference(logged) {
                different += 1
                if different <= ReplayLog.shownMax { report("decision \(logged.sequence): \(difference)") }
            } else {
                equal += 1
            }
            let count = equal + different
            if count % 256 == 0 { progress.update(share: Double(count) / Double(max(total, 1)), count: count, of: "decisions") }
        }
    }
}
