package import Routing

/// Everything that can go wrong with the store. Payloads never hold a field's value.
package enum LedgerError: Error, Sendable, Equatable {
    /// Another server has the database.
    case locked(path: String)
    case notADatabase(path: String)
    case cannotOpen(path: String, message: String)
    /// The files of the database are not what they should be; nothing is written.
    case file(path: String, fault: FileFault)
    /// A recorded migration is missing here or its text has changed; or the database is newer than this program.
    case migration(name: String, problem: String)
    /// Not migrated (opened with `migrate: false`); names the pending ones.
    case pendingMigrations([String])
    /// The disk, the quota or the database's page limit is full.
    case full
    /// SQLite's extended result code, and its words with the database's path.
    case io(code: Int32, message: String)
    /// `If-Match` names another version than the current one (nil when there is no policy).
    case versionMismatch(current: PolicyVersion?)
    case alreadyExists
    case notFound
    /// A token, which stays so.
    case revoked(at: Instant)
    case corrupt(String)
}

extension LedgerError: CustomStringConvertible {
    /// What is wrong, and what to do about it.
    package var description: String {
        switch self {
        case .locked(let path):
            "\(path): another server has this database. Stop it, or give this one a database of its own."
        case .notADatabase(let path):
            "\(path): not a database of this program. Name another path; the file was left as it is."
        case .cannotOpen(let path, let message):
            "\(path): cannot be opened: \(message). Check that its folder exists and is writable for this user."
        case .file(let path, let fault):
            "\(path) \(fault.problem). \(fault.remedy)"
        case .migration(let name, let problem):
            "migration \(name): \(problem)"
        case .pendingMigrations(let names):
            "the database is older than this program; migrate it first. Pending: \(names.joined(separator: ", "))"
        case .full:
            "no space for the database. Free some; writing goes on by itself."
        case .io(let code, let message):
            "\(message) (SQLite code \(code))"
        case .versionMismatch(let current):
            if let current { "the current version is \(current.number)" } else { "there is no such policy" }
        case .alreadyExists:
            "exists already"
        case .notFound:
            "not found"
        case .revoked(let instant):
            "revoked on \(instant.rfc3339)"
        case .corrupt(let what):
            "\(what). `sluice verify` says what else is damaged; `sluice restore FILE` puts a backup in its place."
        }
    }
}
