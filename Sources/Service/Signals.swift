import Dispatch
import Glibc

/// What a running server is told from outside.
enum SignalEvent: Sendable { case stop, reload }

/// Signals of the process, delivered on a queue. Make it before any thread is started: the signals are blocked in the calling thread,
/// threads inherit that, and so none of them is ever interrupted or ended by one.
final class Signals {
    private let sources: [any DispatchSourceSignal]

    /// - Parameter handle: on a queue of its own, one event at a time, in order.
    init(_ handle: @escaping @Sendable (SignalEvent) -> Void) {
        var set = sigset_t()
        _ = unsafe sigemptyset(&set)
        for signal in [SIGTERM, SIGINT, SIGHUP] { _ = unsafe sigaddset(&set, signal) }
        _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        let queue = DispatchQueue(label: "sluice.signals")
        sources = [(SIGTERM, SignalEvent.stop), (SIGINT, .stop), (SIGHUP, .reload)].map { signal, event in
            let source = DispatchSource.makeSignalSource(signal: signal, queue: queue)
            source.setEventHandler { handle(event) }
            source.resume()
            return source
        }
    }
}
