import API
import Dispatch
import Glibc
import HTTPServer
import Ledger
package import Logging
import Routing
import Synchronization

/// The server put together from its parts: what is started in which order, and stopped in the opposite one.
package final class RunningService: Sendable {
    private let ledger: Ledger
    private let application: Application
    private let server: Server
    private let logger: Logger

    /// Opens the database, loads what is in force, listens. Nothing in it grows with the number of logged decisions.
    /// - Parameter sink: takes the access log.
    package init(_ settings: Settings, format: LogFormat, logger: Logger, sink: LogSink) throws {
        let (ledger, startingPolicies) = try Store.open(settings, for: .serve, now: SystemClock.now())
        do {
            var applicationSettings = Application.Settings(auditSalt: try Store.auditSalt(settings, ledger))
            applicationSettings.bodyBytesMax = settings.bodyBytesMax
            applicationSettings.lineBytesMax = settings.lineBytesMax
            applicationSettings.anonymousRoles = settings.effectiveAnonymousRoles
            applicationSettings.spillDirectory = Store.directory(of: settings.database)
            applicationSettings.spillBytesMax = settings.spillBytesMax
            applicationSettings.idempotencyKeptHours = settings.idempotencyKeptHours
            applicationSettings.version = Product.version
            applicationSettings.accessLog = settings.accessLog ? (format == .text ? .text : .json) : .off
            let application = try Application(ledger: ledger, settings: applicationSettings, log: { sink.write($0) })
            let server = try Server(addresses: settings.addresses, limits: settings.limits, makeHandler: application.makeHandler)
            application.setServerCounters { server.counters }
            ledger.watchFiles { fault in
                logger.critical("decisions are refused from now on: the database is not what it was", metadata: ["error": "\(fault)"])
            }
            ledger.watchForeignChanges { RunningService.reload(application, logger) }
            self.ledger = ledger
            self.application = application
            self.server = server
            self.logger = logger
        } catch {
            ledger.close()
            throw error
        }
        if startingPolicies > 0 {
            logger.notice("the database was empty: starting policies loaded", metadata: ["policies": .stringConvertible(startingPolicies)])
        }
        for address in addresses {
            logger.notice("listening", metadata: ["address": .string(address), "database": .string(settings.database)])
        }
    }

    /// Where it listens, as URLs or `unix:PATH`.
    package var addresses: [String] {
        server.boundAddresses.map { address in
            switch address {
            case .tcp(let host, let port): host.utf8.contains(UInt8(ascii: ":")) ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
            case .unix(let path): HostText.unixPrefix + path
            }
        }
    }

    /// Reads policies and tokens again.
    package func reload() { _ = RunningService.reload(application, logger) }

    /// Takes no more connections, finishes what is in flight, commits, closes. Blocks.
    package func stop() {
        application.beginDraining()
        server.drain()
        ledger.close()
    }

    /// Whether they could be read.
    private static func reload(_ application: Application, _ logger: Logger) -> Bool {
        do {
            try application.reload()
            logger.info("policies and tokens read again")
            return true
        } catch {
            logger.error("policies and tokens cannot be read again; those read before stay in force", metadata: ["error": "\(error)"])
            return false
        }
    }
}

extension RunningService {
    /// The command `serve`: starts, runs until it is told to stop, stops. SIGTERM and SIGINT stop it in order, a second one at once;
    /// SIGHUP reads policies and tokens again.
    package static func run(_ loaded: LoadedSettings) throws {
        let settings = loaded.settings
        let running = Mutex<RunningService?>(nil)
        let stopAsked = DispatchSemaphore(value: 0)
        let stopsAsked = Atomic(0)
        // First of all: threads inherit which signals they leave alone.
        let signals = Signals { event in
            switch event {
            case .reload: running.withLock { $0 }?.reload()
            case .stop:
                if stopsAsked.add(1, ordering: .relaxed).newValue > 1 { _exit(128 + SIGTERM) }
                stopAsked.signal()
            }
        }
        let descriptors = System.raiseDescriptorLimit()
        let (logger, sink, format) = logging(settings)
        defer { sink.flush() }
        logger.notice(
            "starting",
            metadata: [
                "version": .string(Product.version), "settings": .string(loaded.file ?? "none"), "pid": .stringConvertible(Int(getpid())),
            ])
        if descriptors < UInt64(settings.limits.connectionsMax) + descriptorsReserved {
            logger.warning(
                "the process may open fewer files than connectionsMax needs: raise its limit (ulimit -Hn, LimitNOFILE=) or lower connectionsMax",
                metadata: ["filesMax": "\(descriptors)", "connectionsMax": .stringConvertible(settings.limits.connectionsMax)])
        }
        let service = try RunningService(settings, format: format, logger: logger, sink: sink)
        running.withLock { $0 = service }
        stopAsked.wait()
        logger.notice("stopping: requests in flight are finished first")
        service.stop()
        logger.notice("stopped")
        withExtendedLifetime(signals) {}
    }

    /// Descriptors for the database, listeners, loops and logs.
    private static let descriptorsReserved: UInt64 = 128

    /// The log on standard error, for our own records and for those of the libraries.
    private static func logging(_ settings: Settings) -> (Logger, LogSink, LogFormat) {
        let descriptor: Int32 = 2
        let format = settings.effectiveLogFormat(isTerminal: System.isTerminal(descriptor))
        let level = settings.logLevel
        let sink = LogSink(descriptor: descriptor) { count in
            RecordHandler.render(
                .warning, "the log's reader was too slow: lines were dropped", ["lines": .stringConvertible(count)],
                label: Product.name, format: format, at: SystemClock.now())
        }
        LoggingSystem.bootstrap { label in
            RecordHandler(label: label, format: format, level: level, now: SystemClock.now) { sink.write($0) }
        }
        return (Logger(label: Product.name), sink, format)
    }
}
