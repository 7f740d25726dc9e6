/// Why the files of a database are not what they should be. Nothing is written while one stands.
package enum FileFault: Error, Sendable, Equatable {
    /// `:memory:` and `file:` addresses mean something to SQLite; to us a database is a file.
    case notAPath
    /// A directory, FIFO, socket or device; or, of a file beside the database, a symbolic link. The suffix is empty for the database.
    case notRegular(suffix: String)
    /// A symbolic link to nothing.
    case leadsNowhere
    /// A server has the file open by another name: a hard link, or a mount of the file alone.
    case openByAnotherName
    /// Others of our processes kept it busy for as long as we waited.
    case busy
    /// A write-ahead log without its database.
    case databaseMissing
    /// The database says that a write-ahead log belongs to it, and that is not there, or lacks what had been committed to it.
    case logMissing
    /// The write-ahead log beside the database was written beside another one.
    case logOfAnother
    /// The database is not the one that the write-ahead log beside it was written for: a copy was put in its place.
    case databaseOfAnother
    /// A rollback journal lies beside a database that has none.
    case journalOfAnother
    /// Under a running server.
    case removed(suffix: String)
    case replaced(suffix: String)
    case overwritten(suffix: String)
    /// A restore was cut short after it had begun to exchange the files.
    case restoreUnfinished
    /// The copy to restore is the database itself.
    case isItself

    /// What is wrong, without the path: it follows the path's name in a sentence.
    package var problem: String {
        switch self {
        case .notAPath: "is not the path of a file"
        case .notRegular(let suffix):
            suffix.isEmpty ? "is not a regular file" : "has beside it a file that ends in \(suffix) and is not a regular file"
        case .leadsNowhere: "is a link to a file that does not exist"
        case .openByAnotherName: "is open in a running server by another of its names (a hard link, or a mount of the file)"
        case .busy: "is being opened or closed by another command"
        case .databaseMissing: "is not there or empty, but its write-ahead log (the file that ends in -wal) is"
        case .logMissing: "lacks its write-ahead log (the file that ends in -wal), or the log lacks what was committed"
        case .logOfAnother: "has the write-ahead log of another database beside it (the file that ends in -wal)"
        case .databaseOfAnother: "is not the database that the write-ahead log beside it (the file that ends in -wal) belongs to"
        case .journalOfAnother: "has a rollback journal beside it that is not its own (the file that ends in -journal)"
        case .removed(let suffix): "was removed under the running server\(FileFault.named(suffix))"
        case .replaced(let suffix): "was replaced under the running server\(FileFault.named(suffix))"
        case .overwritten(let suffix): "was overwritten under the running server\(FileFault.named(suffix))"
        case .restoreUnfinished: "is being restored, or a restore of it was cut short"
        case .isItself: "is the database itself"
        }
    }

    /// What to do about it.
    package var remedy: String {
        switch self {
        case .notAPath: "Give the path of a file, such as /var/lib/sluice/sluice.sqlite"
        case .notRegular(let suffix):
            suffix.isEmpty
                ? "Name a file, or a path where one can be made." : "Remove that file: nothing of ours is anything but a plain file."
        case .leadsNowhere: "Make what it leads to, or name the file itself."
        case .openByAnotherName: "Use the name that the server was started with."
        case .busy: "Try again."
        case .databaseMissing:
            "Put the database back where it was, or restore a backup: sluice restore FILE. To begin anew, move that log away."
        case .logMissing:
            "Put the log back, if it is elsewhere; or restore a backup: sluice restore FILE. A copy of a running server's database is made by sluice backup."
        case .logOfAnother:
            "Put its own log back, if it is elsewhere; or restore a backup: sluice restore FILE, which puts both aside."
        case .databaseOfAnother:
            "To go back to a copy: sluice restore COPY, which puts aside what is there. To go on with what the log belongs to, put that database back."
        case .journalOfAnother: "Move that journal away."
        case .removed, .replaced, .overwritten:
            "Stop the server; put the files back, or restore a backup: sluice restore FILE; and start the server again."
        case .restoreUnfinished: "Run the same sluice restore again; starting the server finishes one that was cut short, too."
        case .isItself: "Name the copy that is to take its place."
        }
    }

    private static func named(_ suffix: String) -> String { suffix.isEmpty ? "" : " (the file that ends in \(suffix))" }
}
