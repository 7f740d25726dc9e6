import Dispatch
import Synchronization

/// Takes rendered log lines from any thread and writes them to a descriptor on a queue of its own, so that no caller ever waits for a
/// slow reader. What waits is bounded: beyond that, lines are dropped and counted, and the count is written when there is room again.
package final class LogSink: Sendable {
    /// Bytes that may wait for the reader of the log.
    package static let pendingBytesMax = 4 << 20

    private struct State {
        var pending: [UInt8] = []
        var droppedLines = 0
        var isWriting = false
    }

    private let descriptor: Int32
    private let pendingBytesMax: Int
    /// Renders the record that says how many lines were dropped.
    private let renderDropped: @Sendable (Int) -> [UInt8]
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "sluice.log", qos: .utility)

    package init(descriptor: Int32, pendingBytesMax: Int = LogSink.pendingBytesMax, renderDropped: @escaping @Sendable (Int) -> [UInt8]) {
        self.descriptor = descriptor
        self.pendingBytesMax = pendingBytesMax
        self.renderDropped = renderDropped
    }

    /// Hands over lines, each ended by a newline. They are written whole and in order, those of several calls perhaps in one write(2).
    package func write(_ lines: [UInt8]) {
        let mustStart = state.withLock { state in
            if state.pending.count + lines.count > pendingBytesMax {
                state.droppedLines += lines.count(where: { $0 == UInt8(ascii: "\n") })
                return false
            }
            if state.pending.isEmpty {
                state.pending = lines
            } else {
                state.pending += lines
            }
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { queue.async { self.drain() } }
    }

    /// Waits until all that was handed over is written, but not longer than the time given: the reader may have stopped reading.
    package func flush(timeoutMilliseconds: Int = 2_000) {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + .milliseconds(timeoutMilliseconds))
    }

    private func drain() {
        while true {
            let lines: [UInt8]? = state.withLock { state in
                if state.pending.isEmpty && state.droppedLines == 0 {
                    state.isWriting = false
                    return nil
                }
                var lines: [UInt8] = []
                swap(&lines, &state.pending)
                if state.droppedLines > 0 {
                    lines += renderDropped(state.droppedLines)
                    state.droppedLines = 0
                }
                return lines
            }
            guard let lines else { return }
            // A log that cannot be written has nobody to be told about it; the service goes on.
            unsafe lines.withUnsafeBytes { try? unsafe System.write(descriptor, $0) }
        }
    }
}
