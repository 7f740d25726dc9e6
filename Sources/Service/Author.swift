import Routing

/// Whom the audit trail names for changes made by the commands.
package enum Author {
    /// `command line (USER)`.
    package static var commandLine: String {
        let name = "command line (\(System.userName))"
        return Name(name)?.string ?? "command line"
    }
}
