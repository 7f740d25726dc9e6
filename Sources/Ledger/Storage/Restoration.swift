import Glibc
import Routing

/// Puts a copy in the place of a database, so that whenever it is cut short either the old one or the copy is there, whole.
///
/// 1. The copy is made beside the database (`-restore`), migrated, given a mark of its own, and checked. Until then nothing has changed.
/// 2. Its new name (`-restored`) says that it is to be the database: from here on whoever opens the database finishes the exchange first.
/// 3. The log and the database are put aside, by names that the copy's age gives, so that it does not matter how often this is tried; then
///    the copy takes the database's name.
enum Restoration {
    private static let stagedSuffix = "-restore"
    private static let readySuffix = "-restored"
    private static let faultsMax = 10

    /// Whether the files of a database are between the old and the new one.
    static func isUnfinished(_ path: String) -> Bool { System.linkStatus(path + readySuffix) != nil }

    /// For one who has the lock file's lock. Nothing happens when there is nothing to finish.
    /// - Returns: where what was there before is now.
    @discardableResult
    static func finish(_ path: String) throws(System.Failure) -> String? {
        guard let ready = System.linkStatus(path + readySuffix) else { return nil }
        let folder = DatabaseFiles.folder(of: path)
        let aside = "\(path).before-\(stamp(ready.changedAt))"
        // The log first: a database without its log is found out, a log beside another database need not be.
        for suffix in [DatabaseFiles.logSuffix, "-journal", ""] where System.linkStatus(path + suffix) != nil {
            try System.rename(path + suffix, to: aside + suffix)
        }
        System.remove(path + DatabaseFiles.indexSuffix)
        try System.synchronize(folder)
        try System.rename(path + readySuffix, to: path)
        try System.synchronize(folder)
        return System.linkStatus(aside) == nil ? nil : aside
    }

    /// `20261128T024418.123Z`.
    private static func stamp(_ milliseconds: Int64) -> String {
        Instant(milliseconds: milliseconds).rfc3339.filter { $0 != "-" && $0 != ":" }
    }

    /// A checked copy beside the database, on disk, with its new name.
    static func stage(_ copy: String, beside path: String, progress: (Double) -> Void) throws(LedgerError) -> Int64 {
        let staged = path + stagedSuffix
        removeAll(staged)
        do throws(LedgerError) {
            try copyDatabase(copy, to: staged, progress)
            let ledger = try Ledger(path: staged, options: Ledger.Options())
            defer { ledger.close() }
            let faults = try ledger.verify()
            guard faults.isEmpty else {
                throw .corrupt("\(copy): " + faults.prefix(faultsMax).joined(separator: "; "))
            }
            let decisions = try ledger.decisionCount()
            ledger.close()
            for suffix in [LockFile.suffix, DatabaseFiles.logSuffix, DatabaseFiles.indexSuffix] { System.remove(staged + suffix) }
            try DatabaseFiles.asking(path) { () throws(System.Failure) in
                try System.synchronize(staged)
                try System.rename(staged, to: path + readySuffix)
                try System.synchronize(DatabaseFiles.folder(of: path))
            }
            return decisions
        } catch {
            removeAll(staged)
            throw error
        }
    }

    private static func removeAll(_ staged: String) {
        for suffix in ["", LockFile.suffix, DatabaseFiles.logSuffix, DatabaseFiles.indexSuffix, "-journal"] {
            System.remove(staged + suffix)
        }
    }

    private static func copyDatabase(_ copy: String, to staged: String, _ progress: (Double) -> Void) throws(LedgerError) {
        let files = try DatabaseFiles(copy, for: .read, makes: false)
        let source = try Connection(reading: files.path, isImmutable: files.isWhole)
        try files.check(source)
        let migrations = Migration.all
        guard try Migrator(migrations: migrations).pending(source).count < migrations.count else { throw .notADatabase(path: copy) }
        try Ledger.copy(source, to: staged, progress: progress)
        source.close()
        files.release()
    }
}

extension Ledger {
    package struct Restored: Sendable, Equatable {
        /// In the log of what is in force now.
        package var decisions: Int64
        /// Where what was there before is now; nil when there was nothing.
        package var aside: String?
    }

    /// Puts a copy (`backup`) in the place of the database, which no server may have open; what was there is put aside, with its log. The
    /// copy stays. Whenever it is cut short, the old database is there or, from some moment on, the new one.
    /// - Parameter progress: called with shares in 0…1.
    package static func restore(_ copy: String, to path: String, progress: (Double) -> Void) throws(LedgerError) -> Restored {
        let target = try DatabaseFiles.resolve(path)
        try DatabaseFiles.checkBesides(target, path)
        guard let source = System.status(copy) else { throw .cannotOpen(path: copy, message: System.Failure(errno: ENOENT).message) }
        if source.identity == System.status(target)?.identity { throw .file(path: copy, fault: .isItself) }
        // As a server has it, and as one who is alone: on the lock file, and on what is there now.
        guard
            let lock = try DatabaseFiles.asking(
                path, { () throws(System.Failure) in try LockFile.open(target + LockFile.suffix, makes: true) }),
            try DatabaseFiles.asking(path, { () throws(System.Failure) in try lock.take() })
        else { throw .locked(path: path) }
        defer { lock.giveBack() }
        let former = try DatabaseFiles.asking(path) { () throws(System.Failure) in try Restoration.takeFormer(target) }
        defer { former.descriptor?.release(DatabaseFiles.lockedBytes) }
        if !former.isAlone { throw .locked(path: path) }
        try DatabaseFiles.asking(path) { () throws(System.Failure) in _ = try Restoration.finish(target) }
        let decisions = try Restoration.stage(copy, beside: target, progress: progress)
        let aside = try DatabaseFiles.asking(path) { () throws(System.Failure) in try Restoration.finish(target) }
        return Restored(decisions: decisions, aside: aside)
    }
}

extension Restoration {
    /// The locks of the file that is to be put aside, if there is one.
    fileprivate static func takeFormer(_ path: String) throws(System.Failure) -> (descriptor: SharedDescriptor?, isAlone: Bool) {
        guard System.status(path) != nil else { return (nil, true) }
        let former = try SharedDescriptor(path, mayBeReadOnly: false)
        for byte in DatabaseFiles.lockedBytes {
            if try !System.lock(former.descriptor, byte: byte, .exclusive) { return (former, false) }
        }
        return (former, true)
    }
}
