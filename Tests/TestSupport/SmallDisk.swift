import Foundation
import Glibc

/// A file system of a few megabytes, in memory, for tests of a full disk.
package final class SmallDisk: Sendable {
    /// Whether this user may mount one. Tests that need it are skipped, with these words, where not.
    package static let isPermitted = (try? SmallDisk(megabytes: 1)) != nil
    package static let whySkipped = "this user may not mount a small file system (tmpfs)"

    private let directory: TemporaryDirectory
    package var path: String { directory.path }
    private var filler: String { directory + "filler" }

    package init(megabytes: Int) throws(MakingError) {
        directory = try TemporaryDirectory()
        guard unsafe mount("tmpfs", directory.path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            throw MakingError(call: "mount", code: errno)
        }
    }

    // Before the directory is removed: what is mounted on it goes first.
    deinit { _ = unsafe umount2(directory.path, Int32(MNT_DETACH)) }

    /// Writes a file until nothing more goes in, not even a byte.
    package func fill() {
        let descriptor = unsafe open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        for size in [65_536, 4_096, 512, 1] {
            let zeros = [UInt8](repeating: 0, count: size)
            while unsafe write(descriptor, zeros, size) > 0 {}
        }
    }

    /// Removes what `fill` wrote.
    package func free() { _ = unsafe unlink(filler) }
}
