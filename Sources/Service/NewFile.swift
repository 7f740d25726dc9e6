import Glibc

/// Writes a file so that nobody ever sees half of it: beside its place, flushed to disk, then renamed. Signals that end the process wait meanwhile.
enum NewFile {
    /// - Throws: `Failure` (cannotCreate), also when the file is there and is not to be written over.
    static func write(_ bytes: [UInt8], to path: String, overwrites: Bool) throws(Failure) {
        var held = sigset_t()
        var before = sigset_t()
        _ = unsafe sigemptyset(&held)
        for signal in [SIGINT, SIGTERM, SIGHUP] { _ = unsafe sigaddset(&held, signal) }
        _ = unsafe pthread_sigmask(SIG_BLOCK, &held, &before)
        defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        let partial = partialPath(path)
        do {
            try System.create(partial, bytes)
        } catch {
            _ = unsafe unlink(partial)
            throw cannotWrite(path, error)
        }
        if let reason = System.move(partial, to: path, overwrites: overwrites) {
            _ = unsafe unlink(partial)
            if reason.code == EEXIST {
                throw Failure(.cannotCreate, "\(path) was made by someone else meanwhile, and is left as it is. Name a new file.")
            }
            throw Failure(.cannotCreate, "\(path) cannot be written: \(reason). Check the path.")
        }
    }

    /// Makes a file beside the path and removes it.
    /// - Throws: `Failure` (cannotCreate).
    static func tryDirectory(of path: String) throws(Failure) {
        let partial = partialPath(path)
        defer { _ = unsafe unlink(partial) }
        do {
            try System.create(partial, [])
        } catch {
            throw cannotWrite(path, error)
        }
    }

    private static func partialPath(_ path: String) -> String { "\(path).partial-\(getpid())" }

    private static func cannotWrite(_ path: String, _ reason: System.Failure) -> Failure {
        Failure(.cannotCreate, "\(path) cannot be written: \(reason). Check its directory, who may write there, and the disk.")
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

    /// Renames a file; nil when that was done. A hard link, unlike a rename, is refused where something stands already.
    fileprivate static func move(_ from: String, to path: String, overwrites: Bool) -> Failure? {
        if !overwrites {
            if unsafe link(from, path) == 0 {
                _ = unsafe unlink(from)
                return nil
            }
            // File systems without hard links say one of these; nothing stood there when the command began.
            guard [EPERM, ENOTSUP, ENOSYS, EMLINK].contains(errno) else { return Failure(code: errno) }
        }
        return unsafe rename(from, path) == 0 ? nil : Failure(code: errno)
    }
}
