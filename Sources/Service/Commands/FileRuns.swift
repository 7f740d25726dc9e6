import API
import Ledger
import Routing

extension RouteFiles {
    /// The whole command `route`.
    /// - Returns: what was done, for people.
    package static func run(
        files: [String], loaded: LoadedSettings, policiesDirectory: String?, log: Bool, strict: Bool, output: Output,
        report: @escaping (String) -> Void
    ) throws -> String {
        let settings = loaded.settings
        let ledger = try self.ledger(loaded, policiesDirectory: policiesDirectory, log: log)
        defer { ledger?.close() }
        let policies =
            if let ledger { try PolicyCodec.policySet(of: ledger) } else {
                try StartingPolicies(directory: policiesDirectory ?? settings.policiesDirectory).compiled()
            }
        // Without a database and without the setting there is no secret: the audit sample is then drawn with an empty one, always the same.
        let salt = try ledger.map { try Store.auditSalt(settings, $0) } ?? settings.auditSalt?.bytes ?? []
        var route = RouteFiles(
            router: OfflineRouter(policies: policies, salt: salt), ledger: log ? ledger : nil, lineBytesMax: settings.lineBytesMax,
            now: SystemClock.now, output: output, report: report)
        for file in files { try route.run(file) }
        try route.check(strict: strict)
        return "\(route.decided) decided, \(route.refused) refused"
    }

    /// The database to take policies from: none with `--policies`, or where there is none and none was named.
    private static func ledger(_ loaded: LoadedSettings, policiesDirectory: String?, log: Bool) throws -> Ledger? {
        if log { return try Store.open(loaded.settings, for: .changeOrMake, now: SystemClock.now()).ledger }
        if policiesDirectory != nil { return nil }
        let exists = (try? System.status(of: loaded.settings.database)) != nil
        if !exists, loaded.origins["database"] == nil { return nil }
        return try Store.open(loaded.settings, for: .read, now: SystemClock.now()).ledger
    }
}

extension ImportFiles {
    /// The whole command `import`: prints what was imported, by type and route.
    package static func run(
        files: [String], loaded: LoadedSettings, strict: Bool, output: Output, report: @escaping (String) -> Void
    ) throws {
        let settings = loaded.settings
        try Store.with(settings, for: .changeOrMake, now: SystemClock.now()) { ledger in
            let router = OfflineRouter(policies: try PolicyCodec.policySet(of: ledger), salt: try Store.auditSalt(settings, ledger))
            let progress = Progress(title: "import")
            var job = ImportFiles(ledger, router: router, lineBytesMax: settings.lineBytesMax, now: SystemClock.now) { line in
                progress.finish()
                report(line)
            }
            defer { progress.finish() }
            for file in files {
                let before = job.summary
                let outcome = try job.run(file, progress: progress)
                progress.finish()
                report(text(of: outcome, file: file, before: before, after: job.summary))
            }
            for line in job.summary.table { try output.write(line: line) }
            try output.write(
                line:
                    "\(job.summary.imported) imported, \(job.summary.reviews) of them with a review, \(job.summary.refused) refused, in \(seconds(progress)) s"
            )
            try output.flush()
            try job.check(strict: strict)
        }
    }

    private static func text(of outcome: Outcome, file: String, before: Summary, after: Summary) -> String {
        switch outcome {
        case .alreadyImported: "\(file): already imported"
        case .imported:
            "\(file): \(after.imported - before.imported) imported, \(after.refused - before.refused) refused"
                + (after.linesDoneBefore > before.linesDoneBefore
                    ? "; went on after line \(after.linesDoneBefore - before.linesDoneBefore)" : "")
        }
    }

    /// Seconds with one decimal.
    private static func seconds(_ progress: Progress) -> String {
        let tenths = Int((progress.seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
