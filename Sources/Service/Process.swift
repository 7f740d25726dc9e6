import Glibc

/// The process a command runs in: its environment, its standard error, its end.
package enum Process {
    /// The settings, from the file, the process's environment and these flags.
    package static func settings(_ arguments: [String]) throws -> LoadedSettings {
        try SettingsLoader.load(arguments: arguments, environment: System.environment)
    }

    /// A line for people, on standard error.
    package static func note(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        // Nobody reads it: no reason to stop.
        unsafe bytes.withUnsafeBytes { try? unsafe System.write(2, $0) }
    }

    /// Says why the command failed and what to do, and ends the process.
    package static func exit(_ failure: Failure) -> Never {
        if !failure.message.isEmpty { note("\(Product.name): \(failure.message)") }
        Glibc.exit(failure.status.rawValue)
    }

    /// Writing to a pipe or socket whose reader has gone is an error code then, not the end of the process.
    package static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }
}
