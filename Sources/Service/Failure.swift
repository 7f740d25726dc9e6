package import API
import HTTPServer
import Learning
import Ledger
import Routing

/// How a command ended, as the shell sees it: the numbers of sysexits.h, so that scripts can tell what to do next.
package enum CommandStatus: Int32, Sendable, CaseIterable {
    case ok = 0
    /// The command was called wrongly.
    case usage = 64
    /// Input is wrong: a bad policy, broken gzip, a damaged database, a decision that replays differently.
    case badData = 65
    /// Input is not there: no such file, database, policy or token.
    case noInput = 66
    /// Something needed cannot be had now: another server has the database, the port is taken.
    case unavailable = 69
    /// A bug of ours.
    case `internal` = 70
    /// A file cannot be made, or a name is taken.
    case cannotCreate = 73
    /// Reading or writing failed: a full disk, a broken one.
    case io = 74
    /// Trying again may help: someone else changed the same thing.
    case tryAgain = 75
    /// The settings are wrong.
    case settings = 78
    /// Whoever read the output has gone (128 + SIGPIPE); nothing is said about it.
    case outputClosed = 141

    package var meaning: String {
        switch self {
        case .ok: "done"
        case .usage: "called wrongly"
        case .badData: "bad input or damaged data"
        case .noInput: "input not found"
        case .unavailable: "unavailable: locked, not migrated, address taken"
        case .internal: "internal error"
        case .cannotCreate: "something cannot be made: a file, or a name that is taken"
        case .io: "reading or writing failed"
        case .tryAgain: "changed meanwhile; try again"
        case .settings: "wrong settings"
        case .outputClosed: "the output was closed"
        }
    }
}

/// Why a command ended early: its exit status and a message that says what to do.
package struct Failure: Error, Sendable, Equatable {
    package var status: CommandStatus
    package var message: String

    package init(_ status: CommandStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The one place that maps errors to exit statuses.
    package init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let mistakes as SettingsMistakes:
            self.init(mistakes.mistakes.allSatisfy(\.isUsage) ? .usage : .settings, mistakes.description)
        case let error as LedgerError: self.init(error)
        case let error as ServerError: self.init(error)
        case let error as InputError: self.init(error)
        case let error as OutputError: self.init(error)
        case let error as TrainingError: self.init(error)
        case let error as PlanError: self.init(error)
        case let error as EvaluationError: self.init(error)
        case let error as CrosswalkError: self.init(error)
        case let faults as Faults: self.init(.badData, Failure.text(of: faults))
        default: self.init(.internal, "unexpected: \(error). Please report it with the command that led to it.")
        }
    }

    private init(_ error: LedgerError) {
        switch error {
        case .locked(let path):
            self.init(.unavailable, "another server has the database \(path) open. Stop it, or give this one its own: --database PATH")
        case .notADatabase(let path):
            self.init(.badData, "\(path) is not a database of sluice. Give another path: --database PATH")
        case .cannotOpen(let path, let message):
            let exists = (try? System.status(of: path)) != nil
            self.init(
                exists ? .io : .cannotCreate,
                "the database \(path) cannot be \(exists ? "opened" : "made"): \(message). Check its directory and who may write there.")
        case .file(let path, let fault):
            let status: CommandStatus =
                switch fault {
                case .notAPath, .isItself: .usage
                case .leadsNowhere: .noInput
                case .openByAnotherName, .busy, .restoreUnfinished: .unavailable
                default: .badData
                }
            self.init(status, "the database \(path) \(fault.problem). \(fault.remedy)")
        case .revoked(let instant):
            self.init(.cannotCreate, "it was revoked on \(instant.rfc3339), and stays so.")
        case .migration(let name, let problem):
            self.init(
                .badData, "migration \(name): \(problem). Use the version of sluice that the database was last used with, or a newer one.")
        case .pendingMigrations(let names):
            self.init(
                .unavailable,
                "the database is of an older version of sluice (pending: \(names.joined(separator: ", "))). Run: sluice migrate")
        case .full:
            self.init(.io, "the disk is full. Make room and run the command again.")
        case .io(let code, let message):
            self.init(.io, "the database cannot be read or written: \(message) (SQLite \(code)). Check the disk, then: sluice verify")
        case .versionMismatch(let current):
            let now = current.map { "it is at version \($0.number)" } ?? "there is none"
            self.init(.tryAgain, "the policy is not at the version named: \(now). Look at it (sluice policy show) and try again.")
        case .alreadyExists:
            self.init(.cannotCreate, "the name is taken already, perhaps by something revoked. Choose another.")
        case .notFound:
            self.init(.noInput, "there is no such entry in the database.")
        case .corrupt(let what):
            self.init(
                .badData,
                "the database is damaged: \(what). Stop the server, keep the file, and put a backup in its place: sluice restore FILE. All that is wrong with a database: sluice verify"
            )
        }
    }

    private init(_ error: PlanError) {
        switch error {
        case .noTargets: self.init(.usage, "no target was named. Name some: --targets procedure=0.98,primaryDiagnosis=0.95")
        case .gridStep(let step): self.init(.usage, "the grid's step is \(step); it is from 0.001 to 0.5.")
        case .countsDiffer, .unreadCountsDiffer: self.init(.internal, "a plan cannot be made: \(error). Please report it.")
        }
    }

    private init(_ error: ServerError) {
        switch error {
        case .cannotListen(let address, let reason):
            self.init(
                .unavailable, "cannot listen on \(address): \(reason). Stop what uses it, or choose another: --host ADDRESS --port NUMBER")
        }
    }

    private init(_ error: InputError) {
        switch error {
        case .cannotOpen, .cannotRead: self.init(.noInput, "\(error). Check the path and who may read it.")
        case .tooLong, .notText, .otherEncoding: self.init(.badData, "\(error).")
        case .truncatedGzip, .corruptGzip:
            self.init(.badData, "\(error). Get the whole file again.")
        case .noDatabase(let path):
            self.init(
                .noInput,
                "there is no database at \(path). Name another with --database or SLUICE_DATABASE, or make one: sluice migrate --database \(path) (sluice serve makes it too)"
            )
        }
    }

    private init(_ error: OutputError) {
        switch error {
        case .closed: self.init(.outputClosed, "")
        case .failed(let reason): self.init(.io, "the output cannot be written: \(reason). Check the disk.")
        }
    }

    private init(_ error: TrainingError) {
        switch error {
        case .noReviewedDocuments(let part):
            self.init(
                .badData,
                "the \(part) files hold no reviewed result (of the population, if one was named). Give files with `review` members.")
        case .xgboost(let error):
            self.init(.internal, "training failed: \(error). Please report it with the command that led to it.")
        }
    }

    private init(_ error: EvaluationError) {
        switch error {
        case .shared(let first, let second, let count):
            self.init(
                .badData,
                "\(first) and \(second) share \(count) \(count == 1 ? "document" : "documents") (by documentType and documentId). Each may be in one part only: what is learned or chosen by it says nothing when it is judged by it."
            )
        case .noReviewedDocuments(let part):
            self.init(.badData, "\(part) holds no reviewed result. Give files with `review` members.")
        case .unknownTarget(let name):
            self.init(.usage, "\"\(name)\" is not a target. There are: \(Target.allCases.map(\.rawValue).joined(separator: ", ")).")
        case .noCodes(let target):
            self.init(.badData, "the test files hold nothing that \(target) counts. Name other targets: --targets field=0.98")
        case .tooFewDocuments:
            self.init(.badData, "train is too small to set documents aside for certifying. Give them: --certify FILES")
        }
    }

    private init(_ error: CrosswalkError) {
        switch error {
        case .header: self.init(.badData, "the crosswalk does not begin with the line `procedure,diagnosis`.")
        case .cells(let line): self.init(.badData, "line \(line) of the crosswalk has not two cells, a procedure and a diagnosis.")
        case .empty: self.init(.badData, "the crosswalk holds no combination.")
        }
    }

    /// Faults as lines: the place of each and what is wrong there.
    package static func text(of faults: Faults) -> String {
        faults.faults.map { fault in
            let place =
                switch fault.place {
                case .pointer(let pointer): pointer.isEmpty ? "the document" : pointer
                case .parameter(let name): "parameter \(name)"
                case .header(let name): "header \(name)"
                }
            return "\(place): \(fault.detail)"
        }.joined(separator: "\n")
    }
}
