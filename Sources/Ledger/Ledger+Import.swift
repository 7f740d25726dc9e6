/// Past results, logged by the commands: alone, or beside a running server.
extension Ledger {
    /// A past result on its way into the log.
    package struct ImportEntry {
        package var entry: LogEntry
        /// 16 bytes that name the document and its content.
        package var digest: [UInt8]

        package init(_ entry: LogEntry, digest: [UInt8]) {
            self.entry = entry
            self.digest = digest
        }
    }

    /// What became of a past result.
    package enum ImportOutcome: Sendable, Equatable {
        case logged(sequence: Int64)
        /// The same document was imported before with the same content; nothing was written.
        case known(as: Int64)
    }

    /// Lines of a file that were imported by a version that knew files, not documents: none of a file that it did not know.
    /// - Parameter source: SHA-256 of the file's content, in hexadecimal.
    package func importedLines(source: String) throws(LedgerError) -> Int64 {
        try read { connection throws(LedgerError) in
            let select = try connection.prepare("SELECT lines FROM imports WHERE source = ?1")
            select.bind(1, source)
            return try select.step() ? select.int64(0) : 0
        }
    }

    /// Logs what is not known yet, in one transaction with what makes it known; blocks until durable.
    /// - Returns: the outcomes, parallel to the entries.
    package func importBatch(_ entries: [ImportEntry]) throws(LedgerError) -> [ImportOutcome] {
        try writer().change { connection, log throws(LedgerError) in
            try log.readSequence()
            // The time is for keys, which past results have not.
            let find = try connection.prepare("SELECT sequence FROM imported_documents WHERE digest = ?1")
            let insert = try connection.prepare("INSERT INTO imported_documents (digest, sequence) VALUES (?1, ?2)")
            var outcomes: [ImportOutcome] = []
            outcomes.reserveCapacity(entries.count)
            for index in entries.indices {
                find.bind(1, entries[index].digest)
                if try find.step() {
                    outcomes.append(.known(as: find.int64(0)))
                    find.reset()
                    continue
                }
                find.reset()
                guard case .logged(let sequence) = try log.append(entries[index].entry, at: 0) else {
                    preconditionFailure("a past result has no idempotency key")
                }
                insert.bind(1, entries[index].digest)
                insert.bind(2, sequence)
                try insert.run()
                outcomes.append(.logged(sequence: sequence))
            }
            return outcomes
        }
    }

    /// Logs results that a command decided, in one transaction; blocks until durable.
    package func logBatch(_ entries: [LogEntry]) throws(LedgerError) {
        try writer().change { _, log throws(LedgerError) in
            try log.readSequence()
            for index in entries.indices { _ = try log.append(entries[index], at: 0) }
        }
    }
}
