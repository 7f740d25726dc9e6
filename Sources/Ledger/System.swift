import Glibc

/// The system calls of this target; errno is read at once, EINTR is tried again.
enum System {
    struct Failure: Error {
        let errno: Int32
        var message: String { unsafe String(cString: strerror(errno)) }
    }

    /// Nanoseconds of the monotonic clock.
    static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        // Safe: the kernel writes one timespec, which lives on our stack.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Shorter when a signal comes.
    static func sleep(milliseconds: Int) { usleep(UInt32(clamping: milliseconds * 1_000)) }

    /// Makes an empty file with mode 0600. False when the path exists already, which is then not even opened: closing any descriptor of
    /// a database would drop the locks that SQLite holds on it in this process (POSIX fcntl locks belong to process and file).
    static func createPrivateFile(_ path: String) throws(Failure) -> Bool {
        // Safe: the path is a NUL-terminated copy for the time of the call.
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return false }
            throw Failure(errno: errno)
        }
        Glibc.close(descriptor)
        return true
    }

    /// Nil when the path does not exist or cannot be asked about.
    static func status(_ path: String) -> (mode: mode_t, bytes: Int64)? {
        var status = stat()
        // Safe: the kernel writes one stat structure on our stack.
        guard unsafe stat(path, &status) == 0 else { return nil }
        return (status.st_mode, Int64(status.st_size))
    }

    /// Takes away what group and others may do with a file of ours, if it exists.
    static func makePrivate(_ path: String) throws(Failure) {
        guard let mode = status(path)?.mode, mode & 0o077 != 0 else { return }
        // Safe: the path is a NUL-terminated copy for the time of the call.
        if unsafe chmod(path, mode & 0o700) != 0 { throw Failure(errno: errno) }
    }

    static func remove(_ path: String) {
        // Safe: the path is a NUL-terminated copy for the time of the call.
        _ = unsafe unlink(path)
    }

    /// Makes a file, or the names in a folder, durable.
    static func synchronize(_ path: String) throws(Failure) {
        // Safe: the path is a NUL-terminated copy for the time of the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        defer { Glibc.close(descriptor) }
        if fsync(descriptor) != 0 { throw Failure(errno: errno) }
    }
}
