import ArgumentParser
import Service

/// A policy version on the command line: `12`, or `"12"` as an ETag has it.
struct VersionNumber: ExpressibleByArgument {
    let number: Int64

    init?(argument: String) {
        guard let number = PolicyCommands.versionNumber(argument) else { return nil }
        self.number = number
    }
}

/// A role on the command line.
struct TokenRole: ExpressibleByArgument {
    let name: String

    init?(argument: String) {
        guard TokenCommands.roleNames.contains(argument) else { return nil }
        name = argument
    }

    static var allValueStrings: [String] { TokenCommands.roleNames }
}
