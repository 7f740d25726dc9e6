import HTTPServer
import Logging

extension Setting {
    /// Every setting, in the order they are shown.
    package static let all: [Setting] = [
        Setting(
            key: "host",
            meaning: "The addresses to listen on: IPv4 or IPv6 addresses, host names, and unix:PATH for a socket file (mode 0600). "
                + "The flag may be repeated.",
            kind: .addresses(\.host)),
        Setting(
            key: "port", meaning: "The TCP port of all addresses; 0 takes a free one.",
            kind: .integer(\.port, 0...65_535)),
        Setting(
            key: "database",
            meaning: "The path of the SQLite database; a relative one counts from the working directory. It is made when missing.",
            kind: .databasePath(\.database, placeholder: "PATH")),
        Setting(
            key: "policiesDirectory",
            meaning: "A directory of policies (*.yaml, *.json) that an empty database starts with; without it, those that are built in. "
                + "Afterwards the database is the truth.",
            kind: .optionalText(\.policiesDirectory, placeholder: "PATH")),
        Setting(
            key: "anonymousRoles",
            meaning:
                "The roles of callers without a token, on this machine alone. auto: engine, reviewer and viewer when all addresses are loopback or unix:, "
                + "none otherwise. Roles named here together with any other address stop the server from starting. It is a convenience for one's own machine, "
                + "not a protection: a proxy that hides itself looks like a local user.",
            kind: .roles(\.anonymousRoles)),
        Setting(
            key: "auditSalt",
            meaning:
                "The secret that draws the audit sample; it must stay the same for the life of the data. Without it, one is made and kept in the database. "
                + "A file that holds it must be readable by its owner only (mode 0600).",
            kind: .secret(\.auditSalt, bytes: 16...1_024)),
        Setting(
            key: "logLevel", meaning: "The least severity that is logged.",
            kind: .word(
                Logger.Level.allCases.map(\.rawValue), get: { $0.logLevel.rawValue },
                set: { $0.logLevel = Logger.Level(rawValue: $1) ?? $0.logLevel })),
        Setting(
            key: "logFormat", meaning: "The form of log records on standard error. auto: text on a terminal, json elsewhere.",
            kind: .word(
                LogFormat.allCases.map(\.rawValue), get: { $0.logFormat.rawValue },
                set: { $0.logFormat = LogFormat(rawValue: $1) ?? $0.logFormat })),
        Setting(key: "accessLog", meaning: "Whether every request is logged.", kind: .boolean(\.accessLog)),
        Setting(
            key: "loops",
            meaning: "Event loops, each a thread with a listener of its own; 0 makes one for each core the process may run on.",
            kind: .integer(\.limits.loops, 0...1_024)),
        Setting(
            key: "connectionsMax", meaning: "Connections open at a time, over all loops; more wait in the kernel.",
            kind: .integer(\.limits.connectionsMax, 1...1_000_000)),
        Setting(
            key: "pipelinedRequestsMax", meaning: "Requests of one connection that may be in flight at a time.",
            kind: .integer(\.limits.pipelinedRequestsMax, 1...10_000)),
        Setting(
            key: "headBytesMax", meaning: "The longest request head, in bytes: request line and header fields.",
            kind: .integer(\.limits.headBytesMax, 1_024...1_048_576)),
        Setting(
            key: "targetBytesMax", meaning: "The longest request target (path and query), in bytes; less than headBytesMax.",
            kind: .integer(\.limits.targetBytesMax, 256...1_048_576)),
        Setting(
            key: "fieldsMax", meaning: "Header fields of one request.",
            kind: .integer(\.limits.fieldsMax, 8...10_000)),
        Setting(
            key: "bodyBytesMax", meaning: "The longest request body, in bytes; NDJSON bodies have no limit but that of their lines.",
            kind: .integer(\.bodyBytesMax, 1_024...(1 << 30))),
        Setting(
            key: "lineBytesMax", meaning: "The longest line of NDJSON, in bytes; the commands route and import keep to it too.",
            kind: .integer(\.lineBytesMax, 1_024...(1 << 30))),
        Setting(
            key: "bufferedBytesMax",
            meaning:
                "All request bodies that are being buffered, together, in bytes; at least bodyBytesMax and lineBytesMax. Beyond it requests get 503.",
            kind: .integer(\.limits.bufferedBytesMax, 1_024...(1 << 40))),
        Setting(
            key: "spillBytesMax",
            meaning:
                "Disk space, in bytes, for answers of NDJSON streams whose clients do not read yet, of all streams together: a file without a name beside "
                + "the database. Beyond it those streams are not read on until their clients read; 0 keeps none.",
            kind: .integer(\.spillBytesMax, 0...(1 << 40))),
        Setting(
            key: "headTimeoutMilliseconds", meaning: "Time for a request head to arrive, in milliseconds from its first byte.",
            kind: .integer(\.limits.headTimeoutMilliseconds, 100...3_600_000)),
        Setting(
            key: "bodyTimeoutMilliseconds", meaning: "Time in which a body must make progress, in milliseconds.",
            kind: .integer(\.limits.bodyTimeoutMilliseconds, 100...3_600_000)),
        Setting(
            key: "writeTimeoutMilliseconds", meaning: "Time in which a client must take some of its answer, in milliseconds.",
            kind: .integer(\.limits.writeTimeoutMilliseconds, 100...3_600_000)),
        Setting(
            key: "idleTimeoutMilliseconds", meaning: "Time a connection may stay open without a request, in milliseconds.",
            kind: .integer(\.limits.idleTimeoutMilliseconds, 100...86_400_000)),
        Setting(
            key: "drainTimeoutMilliseconds",
            meaning: "Time that requests in flight get to finish when the server is told to stop, in milliseconds.",
            kind: .integer(\.limits.drainTimeoutMilliseconds, 0...30_000)),
        Setting(
            key: "queueEntriesMax", meaning: "Decisions on their way to the disk at a time; beyond it requests get 503.",
            kind: .integer(\.queueEntriesMax, 64...1_000_000)),
        Setting(
            key: "idempotencyKeptHours", meaning: "How long an Idempotency-Key is remembered, in hours.",
            kind: .integer(\.idempotencyKeptHours, 24...8_760)),
    ]

    /// What must hold between settings: the key to name, and what is wrong with it.
    static func contradictions(in settings: Settings) -> [(key: String, problem: Problem)] {
        var found: [(String, Problem)] = []
        if case .explicit(let roles) = settings.anonymousRoles, !roles.isEmpty, !settings.listensLocallyOnly {
            found.append(
                (
                    "anonymousRoles",
                    Problem(
                        "callers without a token would have roles on an address that others can reach",
                        "leave anonymousRoles out and make tokens (sluice token create), or listen on 127.0.0.1, ::1 or unix: only")
                ))
        }
        if settings.limits.targetBytesMax >= settings.limits.headBytesMax {
            found.append(
                (
                    "targetBytesMax",
                    Problem(
                        "it is not less than headBytesMax (\(settings.limits.headBytesMax))", "lower it, or raise headBytesMax")
                ))
        }
        for (key, bytes) in [("bodyBytesMax", settings.bodyBytesMax), ("lineBytesMax", settings.lineBytesMax)]
        where bytes > settings.limits.bufferedBytesMax {
            found.append(
                (
                    key,
                    Problem(
                        "it is more than bufferedBytesMax (\(settings.limits.bufferedBytesMax))", "lower it, or raise bufferedBytesMax")
                ))
        }
        return found
    }
}
