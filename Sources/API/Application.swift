package import HTTPServer
package import Ledger
import Routing

/// What every event loop's handler shares: the store, the policies in force, the tokens, the metrics.
package final class Application: Sendable {
    package struct Settings: Sendable {
        package var bodyBytesMax = 8 << 20
        /// Longest line of an NDJSON body.
        package var lineBytesMax = 8 << 20
        /// Roles of callers without a token, where the contract lets them have any.
        package var anonymousRoles: Set<Ledger.Role> = [.engine, .reviewer, .viewer]
        /// The audit sample's secret; `AuditSampler` takes it.
        package var auditSalt: [UInt8]
        package var idempotencyKeptHours = 24
        package var version = "0.0.0"
        package var accessLog = AccessLog.Format.json
        package init(auditSalt: [UInt8]) { self.auditSalt = auditSalt }
    }

    /// Loads policies and tokens. `log` takes rendered access-log lines (many at a time, each ended by a newline), from any loop.
    package init(ledger: Ledger, settings: Settings, log: @escaping @Sendable ([UInt8]) -> Void) throws {}

    /// The handler of one loop.
    package func makeHandler(for loop: EventLoop) -> any RequestHandler { fatalError("to be written") }

    /// Reads policies and tokens again, after another process has changed them.
    package func reload() throws {}

    /// Set by the composition root once the server listens, for /metrics.
    package func setServerCounters(_ counters: @escaping @Sendable () -> Server.Counters) {}
    /// /readyz says 503 "draining" from now on.
    package func beginDraining() {}
}

package enum AccessLog {
    package enum Format: String, Sendable { case json, text, off }
}
