import API
package import Ledger
package import Routing

/// How the commands open the database.
package enum Store {
    package enum Purpose: Sendable, Equatable {
        /// To look; the file must be there.
        case read
        /// To change something; the file must be there.
        case change
        /// To change something; a missing file is made, with the starting policies.
        case changeOrMake
        /// To bring the file up to date, or make it.
        case migrate
        /// The one server of the database.
        case serve
    }

    /// Opens the database of the settings. What is made, or found empty when it may be changed, gets the starting policies.
    /// - Returns: the ledger, and how many starting policies were put into it.
    package static func open(_ settings: Settings, for purpose: Purpose, now: Instant) throws -> (ledger: Ledger, startingPolicies: Int) {
        if let problem = Ledger.problem(with: settings.database) { throw problem }
        let exists = (try? System.status(of: settings.database)) != nil
        if !exists, purpose == .read || purpose == .change { throw InputError.noDatabase(path: settings.database) }
        var options = Ledger.Options()
        options.queueEntriesMax = settings.queueEntriesMax
        options.keysKeptMilliseconds = Int64(settings.idempotencyKeptHours) * 3_600_000
        options.exclusive = purpose == .serve
        options.readOnly = purpose == .read
        options.migrate = purpose == .migrate || purpose == .serve || !exists
        let ledger = try Ledger(path: settings.database, options: options)
        guard purpose != .read, purpose != .change else { return (ledger, 0) }
        do {
            // Made now, so that commands that only read find it.
            _ = try auditSalt(settings, ledger)
            return (ledger, try StartingPolicies(directory: settings.policiesDirectory).load(into: ledger, at: now))
        } catch {
            ledger.close()
            throw error
        }
    }

    /// The directory that a path's file stands in.
    static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Opens, runs and closes, whatever happens.
    package static func with<R>(_ settings: Settings, for purpose: Purpose, now: Instant, _ body: (Ledger) throws -> R) throws -> R {
        let ledger = try open(settings, for: purpose, now: now).ledger
        defer { ledger.close() }
        return try body(ledger)
    }

    /// The audit sample's secret: the setting's, else the one that the database keeps.
    package static func auditSalt(_ settings: Settings, _ ledger: Ledger) throws -> [UInt8] {
        if let salt = settings.auditSalt { return salt.bytes }
        do {
            return try ledger.auditSalt()
        } catch {
            guard case .io(readOnlyCode, _) = error else { throw error }
            throw Failure(
                .settings,
                "\(settings.database) keeps no audit salt: it is used with one from the settings. Give the same one (SLUICE_AUDIT_SALT, or auditSalt in the settings file)."
            )
        }
    }

    /// Waits until a running server of the database works by what was changed.
    package static func waitUntilSeen(_ ledger: Ledger) throws {
        guard try ledger.waitUntilSeen(timeoutMilliseconds: seenTimeoutMilliseconds) else {
            throw Failure(
                .tryAgain,
                "the change is stored, but the running server has not taken it up within \(seenTimeoutMilliseconds / 1_000) s. Look at its log; a restart takes it up."
            )
        }
    }

    /// SQLITE_READONLY: the ledger would have to make a salt, and was opened to look only.
    private static let readOnlyCode: Int32 = 8
    /// A running server looks for changes many times a second.
    static let seenTimeoutMilliseconds = 10_000
}
