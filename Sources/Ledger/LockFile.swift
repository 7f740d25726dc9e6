import Glibc

/// `<database>-lock`, by which a server keeps others away, tells commands what it has seen, and the next one in which state it left things.
///
/// 1. A server holds an exclusive lock on its first byte as long as it lives, and so does a restore.
/// 2. The first eight bytes, little-endian: the generation of policies and tokens up to which the server has seen all changes.
/// 3. From byte 64 on: the `Trace` of the database's files.
/// 4. It is never removed: a second server might hold a lock on the removed file while a third makes a new one.
struct LockFile: ~Copyable {
    static let suffix = "-lock"
    private static let traceOffset: Int64 = 64

    private let descriptor: Int32
    let identity: System.Identity

    /// - Parameter makes: makes the file when it is missing; otherwise nil then.
    static func open(_ path: String, makes: Bool) throws(System.Failure) -> LockFile? {
        do {
            let file = try LockFile(descriptor: System.open(path, makes ? O_RDWR | O_CREAT : O_RDWR))
            if makes { try System.makePrivate(file.descriptor) }
            return file
        } catch {
            if makes { throw error }
            switch error.errno {
            case ENOENT: return nil
            // Another user's, which may be looked at.
            case EACCES, EROFS: return try LockFile(descriptor: System.open(path, O_RDONLY))
            default: throw error
            }
        }
    }

    private init(descriptor: Int32) throws(System.Failure) {
        do {
            identity = try System.status(of: descriptor).identity
        } catch {
            System.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    /// False when another server, or a restore, has it.
    func take() throws(System.Failure) -> Bool { try System.lock(descriptor, byte: 0, .exclusive) }

    func giveBack() { _ = try? System.lock(descriptor, byte: 0, .none) }

    var isHeldByAServer: Bool { System.isLocked(descriptor, byte: 0) }

    /// What the server has seen; 0 before its first word.
    var generation: Int64 {
        let bytes = System.read(descriptor, 8, at: 0)
        return bytes.count == 8 ? Int64(bigEndian: bytes.reversed(), at: 0) : 0
    }

    /// Eight bytes at an aligned place of one page: a reader sees the old or the new number.
    func publish(_ generation: Int64) throws(System.Failure) {
        try System.write(descriptor, generation.bigEndianBytes.reversed(), at: 0)
    }

    /// Nil before the first one, and when it is not whole.
    var trace: Trace? { Trace(System.read(descriptor, Trace.bytes, at: LockFile.traceOffset)) }

    /// - Parameter durably: needed where what follows relies on it even after a loss of power.
    func leave(_ trace: Trace, durably: Bool) throws(System.Failure) {
        try System.write(descriptor, trace.encoded, at: LockFile.traceOffset)
        if durably { try System.synchronize(descriptor) }
    }

    deinit { System.close(descriptor) }
}
