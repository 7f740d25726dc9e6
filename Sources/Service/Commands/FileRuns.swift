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
    /// The whole command `import`: prints what was imported, by type and route and by file.
    /// - Parameter json: a file for the figures, `-` for standard output; nil for none.
    package static func run(
        files: [String], loaded: LoadedSettings, strict: Bool, json: String? = nil, outputs: OutputFiles = OutputFiles(), output: Output,
        report: @escaping (String) -> Void
    ) throws {
        try outputs.check([json])
        let settings = loaded.settings
        try Store.with(settings, for: .changeOrMake, now: SystemClock.now()) { ledger in
            let router = OfflineRouter(policies: try PolicyCodec.policySet(of: ledger), salt: try Store.auditSalt(settings, ledger))
            let progress = Progress(title: "import")
            var job = ImportFiles(ledger, router: router, lineBytesMax: settings.lineBytesMax, now: SystemClock.now) { line in
                progress.finish()
                report(line)
            }
            defer { progress.finish() }
            for file in files { try job.run(file, progress: progress) }
            progress.finish()
            let summary = job.summary
            let words =
                summary.lines + [
                    "\(summary.imported) imported, \(summary.reviews) of them with a review, \(summary.known) known, \(summary.repeated) repeated, "
                        + "\(summary.refused) refused, in \(seconds(progress)) s"
                ]
            for line in try outputs.lines(words, figures: { summary.json }, to: json) { try output.write(line: line) }
            try output.flush()
            try job.check(strict: strict)
        }
    }

    /// Seconds with one decimal.
    private static func seconds(_ progress: Progress) -> String {
        let tenths = Int((progress.seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
