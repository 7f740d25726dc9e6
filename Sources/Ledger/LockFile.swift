import Glibc

/// `<database>-lock`, by which a server keeps others away and tells commands what it has seen.
///
/// 1. A server holds an exclusive lock on it as long as it lives. The lock is an open-file-description lock: the kernel drops it when the
///    process ends, however it ends, and it also keeps two stores within one process apart.
/// 2. The file holds eight bytes, little-endian: the generation of policies and tokens up to which the server has seen all changes.
/// 3. It is never removed: a second server might hold a lock on the removed file while a third makes a new one.
struct LockFile: ~Copyable {
    private let descriptor: Int32

    /// Nil when another server holds the lock.
    static func acquire(_ path: String) throws(System.Failure) -> LockFile? {
        let file = LockFile(descriptor: try openFile(path, O_RDWR | O_CREAT))
        var lock = wholeFile
        // Safe: the kernel reads one flock structure on our stack.
        if unsafe fcntl(file.descriptor, setLock, &lock) != 0 {
            if errno == EAGAIN || errno == EACCES { return nil }
            throw System.Failure(errno: errno)
        }
        return file
    }

    /// To look at a server's lock without taking it. Nil when no server ever had the database.
    static func observe(_ path: String) throws(System.Failure) -> LockFile? {
        do {
            return LockFile(descriptor: try openFile(path, O_RDWR))
        } catch {
            if error.errno == ENOENT { return nil }
            throw error
        }
    }

    var isHeldByAServer: Bool {
        var lock = LockFile.wholeFile
        // Safe: the kernel reads and writes one flock structure on our stack.
        guard unsafe fcntl(descriptor, LockFile.getLock, &lock) == 0 else { return false }
        return lock.l_type != Int16(F_UNLCK)
    }

    /// What the server has seen; 0 before its first word.
    var generation: Int64 {
        var value: Int64 = 0
        // Safe: at most eight bytes into an eight-byte value.
        let count = unsafe withUnsafeMutableBytes(of: &value) { unsafe pread(descriptor, $0.baseAddress, 8, 0) }
        return count == 8 ? Int64(littleEndian: value) : 0
    }

    /// Eight bytes at an aligned place of one page: a reader sees the old or the new number.
    func publish(_ generation: Int64) throws(System.Failure) {
        // Safe: eight bytes from an eight-byte value.
        let count = unsafe withUnsafeBytes(of: generation.littleEndian) { unsafe pwrite(descriptor, $0.baseAddress, 8, 0) }
        if count != 8 { throw System.Failure(errno: count < 0 ? errno : EIO) }
    }

    deinit { Glibc.close(descriptor) }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    private static func openFile(_ path: String, _ flags: Int32) throws(System.Failure) -> Int32 {
        // Safe: the path is a NUL-terminated copy for the time of the call.
        let descriptor = unsafe open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw System.Failure(errno: errno) }
        return descriptor
    }

    private static var wholeFile: flock {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        return lock
    }

    /// F_OFD_GETLK and F_OFD_SETLK of Linux's fcntl.h, which hides them from plain POSIX.
    private static let getLock: Int32 = 36
    private static let setLock: Int32 = 37
}
