import Glibc

/// Writes a file so that nobody ever sees half of it: beside its place, flushed to disk, then renamed. Signals that end the process wait meanwhile.
enum NewFile {
    /// - Throws: `Failure` (cannotCreate, io).
    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        var held = sigset_t()
        var before = sigset_t()
        _ = unsafe sigemptyset(&held)
        for signal in [SIGINT, SIGTERM, SIGHUP] { _ = unsafe sigaddset(&held, signal) }
        _ = unsafe pthread_sigmask(SIG_BLOCK, &held, &before)
        defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        let partial = "\(path).partial-\(getpid())"
        do {
            try System.create(partial, bytes)
        } catch {
            _ = unsafe unlink(partial)
            throw Failure(.cannotCreate, "\(path) cannot be written: \(error). Check its directory, who may write there, and the disk.")
        }
        guard unsafe rename(partial, path) == 0 else {
            let reason = System.Failure(code: errno)
            _ = unsafe unlink(partial)
            throw Failure(.cannotCreate, "\(path) cannot be written: \(reason). Check the path.")
        }
    }
}

extension System {
    /// A new file with these bytes, on disk when it returns.
    fileprivate static func create(_ path: String, _ bytes: [UInt8]) throws(Failure) {
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        if descriptor < 0 { throw Failure(code: errno) }
        defer { close(descriptor) }
        // The bytes are the array's own storage, valid during the call.
        do {
            try unsafe bytes.withUnsafeBytes { try unsafe write(descriptor, $0) }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(code: EIO)
        }
        if fsync(descriptor) != 0 { throw Failure(code: errno) }
    }
}
