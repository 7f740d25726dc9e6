/// Why output ended early.
package enum OutputError: Error, Sendable, Equatable {
    /// The reader has gone (EPIPE).
    case closed
    case failed(String)
}

/// Standard output, gathered into large writes; what is gathered is written by `flush`.
package final class Output {
    private var pending: [UInt8] = []
    private let descriptor: Int32
    private static let pendingBytesMax = 64 << 10

    package init(descriptor: Int32 = 1) {
        self.descriptor = descriptor
        pending.reserveCapacity(Output.pendingBytesMax * 2)
    }

    package func write(_ bytes: some Collection<UInt8>) throws(OutputError) {
        pending += bytes
        if pending.count >= Output.pendingBytesMax { try flush() }
    }

    package func write(line: String) throws(OutputError) {
        try write(line.utf8)
        try write(CollectionOfOne(UInt8(ascii: "\n")))
    }

    package func flush() throws(OutputError) {
        guard !pending.isEmpty else { return }
        defer { pending.removeAll(keepingCapacity: true) }
        do {
            // The bytes are the array's own storage, valid during the call.
            try unsafe pending.withUnsafeBytes { try unsafe System.write(descriptor, $0) }
        } catch let failure as System.Failure {
            throw failure.isBrokenPipe ? .closed : .failed(failure.description)
        } catch {
            throw .failed("\(error)")
        }
    }
}
