import API
import Ledger
import Routing

/// The commands that look after a database.
package enum Maintenance {
    /// - Returns: what was done, for people.
    package static func migrate(_ settings: Settings) throws -> String {
        let (ledger, startingPolicies) = try Store.open(settings, for: .migrate, now: SystemClock.now())
        ledger.close()
        return "\(settings.database) is up to date" + (startingPolicies > 0 ? "; \(startingPolicies) starting policies loaded" : "")
    }

    /// Throws when a decision differs.
    package static func replay(_ settings: Settings, output: Output, report: (String) -> Void) throws {
        var replay = ReplayLog()
        try Store.with(settings, for: .read, now: SystemClock.now()) { ledger in
            let progress = Progress(title: "replay")
            defer { progress.finish() }
            try replay.run(ledger, salt: try Store.auditSalt(settings, ledger), progress: progress, report: report)
        }
        try output.write(line: "\(replay.equal) equal, \(replay.different) different")
        try output.flush()
        if replay.different > 0 {
            throw Failure(
                .badData,
                "\(replay.different) of the logged decisions come out otherwise now. Either the log was changed, or this version of sluice decides otherwise than the one that logged them."
            )
        }
    }

    package static func backup(_ settings: Settings, to path: String) throws -> String {
        if (try? System.status(of: path)) != nil {
            throw Failure(.cannotCreate, "\(path) is there already, and backups overwrite nothing. Name a new file.")
        }
        try Store.with(settings, for: .read, now: SystemClock.now()) { ledger in
            let progress = Progress(title: "backup")
            defer { progress.finish() }
            try ledger.backup(to: path) { progress.update(share: $0, count: Int($0 * 100), of: "% copied") }
        }
        return "\(settings.database) copied to \(path)"
    }

    /// - Returns: what was done, for people.
    package static func restore(_ settings: Settings, from path: String) throws -> String {
        guard (try? System.status(of: path)) != nil else {
            throw Failure(.noInput, "there is no file \(path). Name a copy that sluice backup made.")
        }
        let progress = Progress(title: "restore")
        defer { progress.finish() }
        let restored = try Ledger.restore(path, to: settings.database) { progress.update(share: $0, count: Int($0 * 100), of: "% copied") }
        progress.finish()
        let aside = restored.aside.map { "; what was there is now \($0)" } ?? ""
        return "\(settings.database) restored from \(path): \(restored.decisions) decisions\(aside). Start the server again."
    }

    /// Prints what is wrong; throws when anything is.
    package static func verify(_ settings: Settings, output: Output) throws -> String {
        let problems = try Store.with(settings, for: .read, now: SystemClock.now()) { try $0.verify() }
        for problem in problems { try output.write(line: problem) }
        try output.flush()
        if !problems.isEmpty {
            throw Failure(
                .badData,
                "\(problems.count) \(problems.count == 1 ? "problem" : "problems") in \(settings.database). Stop the server and put a backup in its place: sluice restore FILE --database \(settings.database) (what is there is kept, put aside)."
            )
        }
        return "\(settings.database) is sound"
    }
}
