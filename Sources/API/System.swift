import Glibc
package import Routing

/// The clocks. Everything else gets the time as a parameter.
package enum SystemClock {
    /// The time of day.
    package static func now() -> Instant {
        let time = read(CLOCK_REALTIME)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Nanoseconds of a clock that never goes back, the one of `Exchange.startedAt`.
    static func monotonicNanoseconds() -> UInt64 {
        let time = read(CLOCK_MONOTONIC)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    // Safe: the kernel writes one timespec, which is ours. The call can't fail for these clocks.
    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return time
    }
}

/// Unpredictable numbers from the kernel, taken a block at a time. One per thread.
struct RandomWords {
    private var words = [UInt64](repeating: 0, count: 256)
    private var next = 256

    mutating func take() -> UInt64 {
        if next == words.count { refill() }
        defer { next += 1 }
        return words[next]
    }

    // Safe: as many bytes are written as the array has. arc4random_buf (glibc 2.36) is getrandom(2) until it has them all, and never fails.
    private mutating func refill() {
        unsafe words.withUnsafeMutableBytes { bytes in
            if let start = bytes.baseAddress { unsafe arc4random_buf(start, bytes.count) }
        }
        next = 0
    }
}

/// What the kernel says about this process; nil or zero where /proc does not tell.
enum ProcessFigures {
    /// User and system time since the start, in seconds.
    static func cpuSeconds() -> Double {
        var usage = rusage()
        // Safe: the kernel writes one rusage, which is ours.
        guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// The second number of /proc/self/statm, in bytes.
    static func residentBytes() -> Int? {
        let numbers = contents(of: "/proc/self/statm").split(separator: UInt8(ascii: " "))
        guard numbers.count > 1, let pages = Int(String(decoding: numbers[1], as: UTF8.self)) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    // Safe: the directory handle is closed once, here; readdir's entry is only looked at for being there.
    static func openDescriptors() -> Int? {
        guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
        defer { _ = unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        return count - 3  // ".", ".." and the handle that counts
    }

    // Safe: read writes at most the array's size into it.
    private static func contents(of path: String) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { _ = close(descriptor) }
        return unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            count = unsafe max(0, read(descriptor, buffer.baseAddress, buffer.count))
        }
    }
}

/// A file of mode 0600 that has no name, and is gone with this object. Used by one thread at a time.
///
/// Safe: the descriptor is closed once, by deinit; no more bytes are read or written than the buffers have.
final class UnlinkedFile {
    private let descriptor: Int32

    /// nil where no file can be made.
    init?(in directory: String) {
        var words = RandomWords()
        let path = "\(directory)/sluice-spill-\(String(words.take(), radix: 16))"
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        _ = unsafe unlink(path)
    }

    deinit { _ = close(descriptor) }

    /// False when not all of it could be written.
    func write(_ bytes: ArraySlice<UInt8>, at offset: Int) -> Bool {
        unsafe bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count, let start = bytes.baseAddress {
                let count = unsafe pwrite(descriptor, start + done, bytes.count - done, off_t(offset + done))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }

    /// nil when there are not so many bytes, or they cannot be read.
    func read(_ count: Int, at offset: Int) -> [UInt8]? {
        var isWhole = true
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            while done < count, let start = buffer.baseAddress {
                let read = unsafe pread(descriptor, start + done, count - done, off_t(offset + done))
                if read < 0, errno == EINTR { continue }
                guard read > 0 else { break }
                done += read
            }
            isWhole = done == count
        }
        return isWhole ? bytes : nil
    }

    /// Gives its space back.
    func empty() { _ = ftruncate(descriptor, 0) }

    /// Bytes that its disk has left; 0 when it does not say.
    var freeDiskBytes: Int {
        var status = statvfs()
        guard unsafe fstatvfs(descriptor, &status) == 0 else { return 0 }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }
}
