import API
package import HTTPServer
package import Ledger
package import Logging

/// Everything that can be set, as one value that is read once, at start. The initial values are the defaults;
/// `Setting.all` documents each of them, and `SettingsLoader` makes the value from a file, the environment and flags.
package struct Settings: Sendable {
    package var host = ["127.0.0.1"]
    package var port = 8080
    package var database = "sluice.sqlite"
    package var policiesDirectory: String?
    package var anonymousRoles = AnonymousRoles.explicit([])
    package var auditSalt: Secret?
    package var logLevel = Logger.Level.info
    package var logFormat = LogFormat.automatic
    package var accessLog = true
    package var limits = Server.Limits()
    package var bodyBytesMax = Settings.applicationDefaults.bodyBytesMax
    package var lineBytesMax = Settings.applicationDefaults.lineBytesMax
    package var spillBytesMax = Settings.applicationDefaults.spillBytesMax
    package var idempotencyKeptHours = Settings.applicationDefaults.idempotencyKeptHours
    package var queueEntriesMax = Ledger.Options().queueEntriesMax

    package init() {}

    private static let applicationDefaults = Application.Settings(auditSalt: [])
}

/// What callers without a token may do.
package enum AnonymousRoles: Sendable, Equatable {
    /// Engine, reviewer and viewer when every address is loopback or a socket file, none otherwise.
    case automatic
    case explicit(Set<Ledger.Role>)
}

/// How log records are written.
package enum LogFormat: String, Sendable, CaseIterable {
    /// Text on a terminal, JSON elsewhere.
    case automatic = "auto"
    case json, text
}

extension Settings {
    /// Where to listen, in the order given.
    package var addresses: [ListenAddress] {
        host.map { host in
            host.hasPrefix(HostText.unixPrefix)
                ? .unix(path: String(host.dropFirst(HostText.unixPrefix.count)))
                : .tcp(host: host, port: UInt16(clamping: port))
        }
    }

    /// Whether only this machine can reach the server.
    package var listensLocallyOnly: Bool { host.allSatisfy(HostText.isLocal) }

    /// The roles of callers without a token.
    package var effectiveAnonymousRoles: Set<Ledger.Role> {
        switch anonymousRoles {
        case .automatic: listensLocallyOnly ? [.engine, .reviewer, .viewer] : []
        case .explicit(let roles): roles
        }
    }

    /// The format in force, `automatic` resolved.
    package func effectiveLogFormat(isTerminal: Bool) -> LogFormat {
        logFormat == .automatic ? (isTerminal ? .text : .json) : logFormat
    }
}
