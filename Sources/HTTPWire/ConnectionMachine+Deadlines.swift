/// Output taken by the client's end, time, and the end of the connection.
extension ConnectionMachine {
    /// Bytes moved since the start of the current window; too few of them at its end mean that the client stalls.
    struct Progress: Sendable {
        var since: UInt64 = 0
        var bytes = 0
        /// The least that is to be moved, whatever the pace: a share of what there was at the window's start, so that much is not held for
        /// long.
        var due = 0

        func isEnough(in window: UInt64) -> Bool {
            UInt64(bytes) >= max(1, window / 1_000_000 * WireLimits.bytesPerSecondMin / 1_000, UInt64(due))
        }
    }

    /// What to do when a deadline has come.
    public enum Expiry: Sendable {
        /// Nothing: the deadline moved on.
        case none
        case close
        /// Close at once, with a reset.
        case cut
        case refuse(WireFault)
    }

    public var unsentBytes: Int { output.count - outputSent }

    /// The shell has sent `count` bytes of `output`; the kernel takes no more for now if any remain.
    public mutating func sent(_ count: Int, now: UInt64) {
        outputSent += count
        if outputSent == output.count {
            output.removeAll(keepingCapacity: true)
            outputSent = 0
            if isWriteBlocked, slots.isEmpty { since = now }
            isWriteBlocked = false
            // What is withheld is owed as well: the span goes on.
            if isOwing { outputProgress.bytes += count }
            if withheldBytes == 0 { isOwing = false }
            return
        }
        if outputSent > 1 << 20 {
            output.removeFirst(outputSent)
            outputSent = 0
        }
        if !isWriteBlocked {
            isWriteBlocked = true
            // A span that ended while it was the application's turn says nothing of the client.
            if !isOwing || now >= outputProgress.since + limits.writeTimeout { outputProgress = outputSpan(from: now) }
            isOwing = true
        }
        outputProgress.bytes += count
    }

    private func outputSpan(from now: UInt64) -> Progress {
        Progress(since: now, due: unsentBytes / WireLimits.shareOfAnswerMin + withheldBytes / WireLimits.shareOfWithheldMin)
    }

    /// The client must take output from now on, and has its whole time for it.
    mutating func restartOutputSpan(now: UInt64) {
        if isWriteBlocked { outputProgress = outputSpan(from: now) }
    }

    /// Whether the client must take output for the connection to go on. It need not while it sends a streamed body that is read, or that
    /// only the application keeps from being read: most clients send all before they read.
    private var mustTake: Bool {
        guard isWriteBlocked else { return false }
        if phase == .body, case .stream = bodyPlan { return reading == .waitsForClient }
        return true
    }

    /// Swaps the (empty) output buffer: many connections share few buffers.
    public mutating func exchangeOutput(_ buffer: inout [UInt8]) {
        precondition(output.isEmpty && buffer.isEmpty, "only empty buffers change hands")
        swap(&output, &buffer)
    }

    /// All is answered and the connection is to end once `output` is sent.
    public var isClosing: Bool { ending == .closing }

    /// The output is sent and the server's end of the connection closed: what still comes is read and dropped for a while. False when
    /// there is nothing to wait for, because the client has closed its end.
    public mutating func beginLinger(now: UInt64) -> Bool {
        guard !hasInputEnded else { return false }
        phase = .ended
        ending = .lingering
        since = now
        lingerUntil = now + WireLimits.lingerTime
        return true
    }

    public var isLingering: Bool { ending == .lingering }

    /// Bytes were read and dropped. False when it is enough.
    public mutating func lingered(_ count: Int, now: UInt64) -> Bool {
        lingeredBytes += count
        since = now
        return lingeredBytes <= WireLimits.lingerBytesMax
    }

    /// The instant at which `expire` should be asked; `UInt64.max` for never.
    public var deadline: UInt64 {
        if ending == .lingering {
            return min(lingerUntil, since + (isDraining ? WireLimits.lingerPauseDraining : WireLimits.lingerPause))
        }
        let output = mustTake ? outputProgress.since + limits.writeTimeout : .max
        let input =
            switch phase {
            case .idle: slots.isEmpty && !isWriteBlocked ? since + limits.idleTimeout : UInt64.max
            case .head: wantsInput ? since + limits.headTimeout : UInt64.max
            case .body: wantsInput ? inputProgress.since + limits.bodyTimeout : UInt64.max
            case .held, .planning, .ended: UInt64.max
            }
        return min(input, output)
    }

    public mutating func expire(now: UInt64) -> Expiry {
        guard now >= deadline else { return .none }
        if ending == .lingering { return .close }
        if mustTake, now >= outputProgress.since + limits.writeTimeout {
            guard outputProgress.isEnough(in: limits.writeTimeout) else { return .cut }
            outputProgress = outputSpan(from: now)
            return .none
        }
        switch phase {
        case .idle: return .close
        case .head: return .refuse(.headTooSlow)
        case .body:
            guard !inputProgress.isEnough(in: limits.bodyTimeout) else {
                inputProgress = Progress(since: now)
                return .none
            }
            switch bodyPlan {
            case .ignore: return .close
            // It neither sends nor reads: what could be said to it would not arrive.
            case .stream where isWriteBlocked: return .cut
            case .stream, .buffer: return .refuse(.bodyTooSlow)
            }
        case .held, .planning, .ended: return .none
        }
    }
}
