import CLinux
import Dispatch
import Glibc

/// The system calls of this module, and the only place with them: EINTR is retried, errno read at once.
///
/// Descriptors are non-blocking, close-on-exec, and closed by the one object that holds them.
enum System {
    enum Transfer: Equatable {
        case bytes(Int)
        /// The peer has sent its end.
        case end
        case wouldBlock
        case failed
    }

    enum Accepted {
        case connection(Int32, Peer)
        case none
        /// No descriptors or memory for now.
        case exhausted
        /// This one failed; others may wait.
        case retry
    }

    static var monotonicNanoseconds: UInt64 { DispatchTime.now().uptimeNanoseconds }

    static var unixSeconds: Int { time(nil) }

    /// The processors that the process may use.
    static var processorCount: Int { max(1, Int(clinux_processor_count())) }

    /// Has malloc give blocks of at least so many bytes back when they are freed, in the whole process. Where it can't, it keeps them.
    static func returnBlocks(from bytes: Int32) { _ = clinux_return_blocks_from(bytes) }

    static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    /// Closes with a reset, dropping what is unsent.
    static func reset(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }

    static func shutdownOutput(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    static func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .failed
            }
        }
    }

    /// Never raises SIGPIPE.
    static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
        while true {
            let count = unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .failed
            }
        }
    }

    static func accept(_ listener: Int32) -> Accepted {
        unsafe withUnsafeTemporaryAllocation(byteCount: SocketAddress.bytesMax, alignment: 8) { storage in
            var length = UInt32(storage.count)
            let descriptor = unsafe clinux_accept(listener, storage.baseAddress, &length)
            if descriptor >= 0 {
                let address = unsafe SocketAddress(bytes: Array(storage.prefix(Int(min(length, UInt32(storage.count))))))
                return .connection(descriptor, address.peer)
            }
            switch errno {
            case EAGAIN: return .none
            case EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, EHOSTUNREACH, ENETUNREACH: return .retry
            default: return .exhausted
            }
        }
    }

    static func socket(family: Int32) throws(SystemError) -> Int32 { try SystemError.check(clinux_socket(family)) }

    static func setOption(_ descriptor: Int32, level: Int32, _ option: Int32, _ value: Int32) throws(SystemError) {
        var value = value
        _ = try SystemError.check(unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)))
    }

    static func bind(_ descriptor: Int32, _ address: SocketAddress) throws(SystemError) {
        _ = try SystemError.check(unsafe address.withPointer { unsafe Glibc.bind(descriptor, $0, $1) })
    }

    static func connect(_ descriptor: Int32, _ address: SocketAddress) throws(SystemError) {
        _ = try SystemError.check(unsafe address.withPointer { unsafe Glibc.connect(descriptor, $0, $1) })
    }

    static func listen(_ descriptor: Int32) throws(SystemError) { _ = try SystemError.check(Glibc.listen(descriptor, SOMAXCONN)) }

    static func setMode(_ descriptor: Int32, _ mode: mode_t) throws(SystemError) { _ = try SystemError.check(fchmod(descriptor, mode)) }

    /// The address a socket is bound to.
    static func localAddress(_ descriptor: Int32) throws(SystemError) -> SocketAddress {
        var bytes = [UInt8](repeating: 0, count: SocketAddress.bytesMax)
        var length = socklen_t(bytes.count)
        let result = unsafe bytes.withUnsafeMutableBytes { storage in
            unsafe getsockname(descriptor, storage.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
        }
        _ = try SystemError.check(result)
        return SocketAddress(bytes: Array(bytes.prefix(Int(length))))
    }

    /// What stands at a path, not following a link; nil if nothing does.
    static func file(at path: String) -> FileIdentity? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        return FileIdentity(device: status.st_dev, number: status.st_ino, isSocket: status.st_mode & S_IFMT == S_IFSOCK)
    }

    static func unlink(_ path: String) throws(SystemError) { _ = try SystemError.check(unsafe Glibc.unlink(path)) }

    /// Adds one to an eventfd.
    static func signal(_ eventfd: Int32) {
        var one: UInt64 = 1
        // Fails only when the count is at its maximum, and then the reader is awake anyway.
        _ = unsafe Glibc.write(eventfd, &one, MemoryLayout<UInt64>.size)
    }
}

struct SystemError: Error, Equatable {
    let code: Int32

    /// The result of a system call, unless it failed.
    static func check(_ result: Int32) throws(SystemError) -> Int32 {
        guard result < 0 else { return result }
        throw SystemError(code: errno)
    }

    var reason: String { unsafe String(cString: strerror(code)) }
}

struct FileIdentity: Equatable {
    let device: dev_t
    let number: ino_t
    let isSocket: Bool
}
