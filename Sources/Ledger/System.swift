import Glibc

/// The system calls of this target; errno is read at once, EINTR is tried again.
enum System {
    struct Failure: Error {
        let errno: Int32
        var message: String { unsafe String(cString: strerror(errno)) }
    }

    /// Nanoseconds since the machine was started, the time it slept included. Nobody can set this clock.
    static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        // Safe: the kernel writes one timespec, which lives on our stack.
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Shorter when a signal comes.
    static func sleep(milliseconds: Int) { usleep(UInt32(clamping: milliseconds * 1_000)) }

    /// Makes an empty file with mode 0600. False when the path exists already, which is then not even opened: closing any descriptor of
    /// a database would drop the locks that SQLite holds on it in this process (POSIX fcntl locks belong to process and file).
    static func createPrivateFile(_ path: String) throws(Failure) -> Bool {
        do {
            close(try open(path, O_RDWR | O_CREAT | O_EXCL))
            return true
        } catch {
            if error.errno == EEXIST { return false }
            throw error
        }
    }

    static func remove(_ path: String) {
        // Safe: the path is a NUL-terminated copy for the time of the call.
        _ = unsafe unlink(path)
    }

    /// Makes a file, or the names in a folder, durable.
    static func synchronize(_ path: String) throws(Failure) {
        let descriptor = try open(path, O_RDONLY)
        defer { close(descriptor) }
        try synchronize(descriptor)
    }

    static func synchronize(_ descriptor: Int32) throws(Failure) {
        if fsync(descriptor) != 0 { throw Failure(errno: errno) }
    }

    /// The file takes the place of what the new name had before, in one step.
    static func rename(_ path: String, to newPath: String) throws(Failure) {
        // Safe: the paths are NUL-terminated copies for the time of the call.
        if unsafe Glibc.rename(path, newPath) != 0 { throw Failure(errno: errno) }
    }
}

// MARK: What a file is

extension System {
    /// What a file is, whatever it is called: equal for all of its names.
    struct Identity: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
    }

    struct Status: Sendable {
        let identity: Identity
        let mode: mode_t
        let bytes: Int64
        /// Milliseconds since 1970 of the last change of its content.
        let changedAt: Int64

        var isRegular: Bool { mode & S_IFMT == S_IFREG }
        var isLink: Bool { mode & S_IFMT == S_IFLNK }

        fileprivate init(_ status: stat) {
            identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
            mode = status.st_mode
            bytes = Int64(status.st_size)
            changedAt = Int64(status.st_mtim.tv_sec) * 1_000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        }
    }

    /// Of what the path leads to. Nil when that does not exist or cannot be asked about.
    static func status(_ path: String) -> Status? {
        var status = stat()
        // Safe: the kernel writes one stat structure on our stack.
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Status(status)
    }

    /// Of the path itself, also when it is a symbolic link.
    static func linkStatus(_ path: String) -> Status? {
        var status = stat()
        // Safe: the kernel writes one stat structure on our stack.
        guard unsafe lstat(path, &status) == 0 else { return nil }
        return Status(status)
    }

    static func status(of descriptor: Int32) throws(Failure) -> Status {
        var status = stat()
        // Safe: the kernel writes one stat structure on our stack.
        guard unsafe fstat(descriptor, &status) == 0 else { throw Failure(errno: errno) }
        return Status(status)
    }

    /// The absolute path without symbolic links; throws when it does not exist.
    static func resolve(_ path: String) throws(Failure) -> String {
        guard let resolved = unsafe realpath(path, nil) else { throw Failure(errno: errno) }
        defer { unsafe free(resolved) }
        // Safe: realpath(3) answers a NUL-terminated string of its own making, which is copied before it is freed.
        return unsafe String(cString: resolved)
    }

    /// Takes away what group and others may do with a file of ours.
    static func makePrivate(_ descriptor: Int32) throws(Failure) {
        let mode = try status(of: descriptor).mode
        if mode & 0o077 != 0, fchmod(descriptor, mode & 0o700) != 0 { throw Failure(errno: errno) }
    }

    /// The same by a name, which is not followed when it is a link, if there is such a file.
    static func makePrivate(_ path: String) throws(Failure) {
        guard let status = linkStatus(path), status.isRegular, status.mode & 0o077 != 0 else { return }
        // Safe: the path is a NUL-terminated copy for the time of the call.
        if unsafe chmod(path, status.mode & 0o700) != 0 { throw Failure(errno: errno) }
    }
}

// MARK: Descriptors

extension System {
    /// Follows no symbolic link at the end of the path, and does not wait for the other end of a FIFO. What is made has mode 0600.
    static func open(_ path: String, _ flags: Int32) throws(Failure) -> Int32 {
        while true {
            // Safe: the path is a NUL-terminated copy for the time of the call.
            let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
            if descriptor >= 0 { return descriptor }
            if errno != EINTR { throw Failure(errno: errno) }
        }
    }

    static func close(_ descriptor: Int32) { Glibc.close(descriptor) }

    /// As many bytes from a place of a file as it has there, at most `count`.
    static func read(_ descriptor: Int32, _ count: Int, at offset: Int64) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            // Safe: at most as many bytes as the buffer has.
            filled = unsafe max(0, pread(descriptor, buffer.baseAddress, count, off_t(offset)))
        }
    }

    /// All of the bytes or an error: what is written here fits into one page.
    static func write(_ descriptor: Int32, _ bytes: [UInt8], at offset: Int64) throws(Failure) {
        // Safe: as many bytes as the array has.
        let count = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
        if count != bytes.count { throw Failure(errno: count < 0 ? errno : EIO) }
    }

    enum Lock { case shared, exclusive, none }

    /// Takes, changes or gives back a lock on one byte without waiting; false when another has it. An open-file-description lock: the
    /// kernel drops it when the process ends, however it ends, and it keeps two owners within one process apart.
    static func lock(_ descriptor: Int32, byte: Int64, _ kind: Lock) throws(Failure) -> Bool {
        var request = lockRequest(byte, kind)
        // Safe: the kernel reads one flock structure on our stack.
        if unsafe fcntl(descriptor, setLock, &request) == 0 { return true }
        if errno == EAGAIN || errno == EACCES { return false }
        throw Failure(errno: errno)
    }

    /// Whether another has a lock on the byte that an exclusive one would have to wait for.
    static func isLocked(_ descriptor: Int32, byte: Int64) -> Bool {
        var request = lockRequest(byte, .exclusive)
        // Safe: the kernel reads and writes one flock structure on our stack.
        guard unsafe fcntl(descriptor, getLock, &request) == 0 else { return false }
        return request.l_type != Int16(F_UNLCK)
    }

    private static func lockRequest(_ byte: Int64, _ kind: Lock) -> flock {
        var lock = Glibc.flock()
        lock.l_type =
            switch kind {
            case .shared: Int16(F_RDLCK)
            case .exclusive: Int16(F_WRLCK)
            case .none: Int16(F_UNLCK)
            }
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = off_t(byte)
        lock.l_len = 1
        return lock
    }

    /// F_OFD_GETLK and F_OFD_SETLK of Linux's fcntl.h, which hides them from plain POSIX.
    private static let getLock: Int32 = 36
    private static let setLock: Int32 = 37
}
