import Glibc

/// The system calls of the commands, with EINTR retried and errno read at once. Descriptors are plain numbers here; their owners close them.
enum System {
    /// A failed call: its errno, which prints as the system words it.
    struct Failure: Error, Equatable, CustomStringConvertible {
        var code: Int32
        var description: String {
            // glibc's strerror answers constant text for the numbers it knows, and these are its own.
            unsafe String(cString: strerror(code))
        }
        var isBrokenPipe: Bool { code == EPIPE }
    }

    static func open(_ path: String) throws(Failure) -> Int32 {
        while true {
            let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
            if descriptor >= 0 { return descriptor }
            let code = errno
            if code != EINTR { throw Failure(code: code) }
        }
    }

    /// Bytes read into the buffer; 0 at the end.
    static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        while true {
            let count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            try wait(descriptor, for: POLLIN, after: errno)
        }
    }

    /// Writes all bytes, however many calls it takes.
    static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count >= 0 {
                unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else {
                try wait(descriptor, for: POLLOUT, after: errno)
            }
        }
    }

    static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    struct Status {
        var size: Int64
        var mode: UInt32
        var isRegular: Bool
        var isDirectory: Bool
    }

    static func status(of descriptor: Int32) throws(Failure) -> Status {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Failure(code: errno) }
        return Status(status)
    }

    static func status(of path: String) throws(Failure) -> Status {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw Failure(code: errno) }
        return Status(status)
    }

    /// All environment variables; of one that stands twice, the first.
    static var environment: [String: String] {
        var variables: [String: String] = [:]
        // `environ` ends with a null pointer, each entry with a NUL; nothing changes it while the program starts, when this is read.
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            let text = unsafe String(cString: entry)
            if let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
                let name = String(text[..<equals])
                if variables[name] == nil { variables[name] = String(text[text.index(after: equals)...]) }
            }
            unsafe next += 1
        }
        return variables
    }

    /// The names in a directory, in no order, without `.` and `..`.
    static func names(in directory: String) throws(Failure) -> [String] {
        guard let stream = unsafe opendir(directory) else { throw Failure(code: errno) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // d_name is the last member of what readdir(3) answers, ended by NUL, and valid until the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// The name of the user whose rights the process has; the number, where it has no name.
    static var userName: String {
        let id = geteuid()
        // getpwuid(3) answers static memory, which is copied at once; the commands ask from one thread.
        guard let entry = unsafe getpwuid(id), let name = unsafe entry.pointee.pw_name else { return String(id) }
        return unsafe String(cString: name)
    }

    /// Raises the number of descriptors the process may have to the most that it may ask for; returns that number.
    static func raiseDescriptorLimit() -> UInt64 {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return UInt64(limit.rlim_cur)
    }

    /// Returns when a call that failed with `code` may be tried again.
    private static func wait(_ descriptor: Int32, for events: Int32, after code: Int32) throws(Failure) {
        if code == EINTR { return }
        guard code == EAGAIN || code == EWOULDBLOCK else { throw Failure(code: code) }
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        _ = unsafe poll(&entry, 1, -1)
    }
}

extension System.Status {
    fileprivate init(_ status: stat) {
        size = Int64(status.st_size)
        mode = status.st_mode & 0o7777
        isRegular = status.st_mode & S_IFMT == S_IFREG
        isDirectory = status.st_mode & S_IFMT == S_IFDIR
    }
}
