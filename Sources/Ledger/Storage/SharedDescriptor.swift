import Glibc
import Synchronization

/// A descriptor of a database's file, beside those of SQLite.
///
/// Closing any descriptor of a file drops all POSIX locks that the process has on it, SQLite's among them. So one that is given up is
/// closed only when nobody else in this process uses the file; SQLite does the same with its own (`unixInodeInfo.pUnused`).
final class SharedDescriptor: Sendable {
    private struct Users {
        var count = 0
        var givenUp: [Int32] = []
    }
    private static let users = Mutex<[System.Identity: Users]>([:])

    let descriptor: Int32
    let identity: System.Identity
    let isReadOnly: Bool
    private let isReleased = Atomic(false)

    /// For reading and writing; for reading alone where that is enough and no more is permitted.
    init(_ path: String, mayBeReadOnly: Bool) throws(System.Failure) {
        (descriptor, isReadOnly) = try SharedDescriptor.open(path, mayBeReadOnly: mayBeReadOnly)
        identity = try System.status(of: descriptor).identity
        SharedDescriptor.users.withLock { [identity] in $0[identity, default: Users()].count += 1 }
    }

    private static func open(_ path: String, mayBeReadOnly: Bool) throws(System.Failure) -> (Int32, isReadOnly: Bool) {
        do {
            return (try System.open(path, O_RDWR), false)
        } catch {
            guard mayBeReadOnly, error.errno == EACCES || error.errno == EROFS else { throw error }
            return (try System.open(path, O_RDONLY), true)
        }
    }

    deinit { release([]) }

    /// Gives back the locks on these bytes, and closes the descriptor as soon as that harms nobody.
    func release(_ bytes: [Int64]) {
        if isReleased.exchange(true, ordering: .relaxed) { return }
        for byte in bytes { _ = try? System.lock(descriptor, byte: byte, .none) }
        SharedDescriptor.users.withLock { users in
            users[identity]?.count -= 1
            users[identity]?.givenUp.append(descriptor)
            guard let last = users[identity], last.count == 0 else { return }
            for descriptor in last.givenUp { System.close(descriptor) }
            users[identity] = nil
        }
    }
}
