/// Past results, logged by the commands: alone, or beside a running server.
extension Ledger {
    /// Lines of a source already imported (0 when none); a source is named by the digest of its content.
    package func importedLines(source: String) throws(LedgerError) -> Int64 {
        try read { connection throws(LedgerError) in
            let select = try connection.prepare("SELECT lines FROM imports WHERE source = ?1")
            select.bind(1, source)
            return try select.step() ? select.int64(0) : 0
        }
    }

    /// Logs entries and the progress of their source in one transaction; blocks until durable.
    package func importBatch(_ entries: [LogEntry], source: String?, linesDone: Int64) throws(LedgerError) {
        try writer().change { connection, log throws(LedgerError) in
            try log.readSequence()
            // The time is for keys, which past results have not.
            for index in entries.indices { _ = try log.append(entries[index], at: 0) }
            guard let source else { return }
            let progress = try connection.prepare(
                "INSERT INTO imports (source, lines) VALUES (?1, ?2) ON CONFLICT (source) DO UPDATE SET lines = excluded.lines")
            progress.bind(1, source)
            progress.bind(2, linesDone)
            try progress.run()
        }
    }
}
