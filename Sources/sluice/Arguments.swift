import ArgumentParser
import Learning
import Service

/// A policy version on the command line: `12`, or `"12"` as an ETag has it.
struct VersionNumber: ExpressibleByArgument {
    let number: Int64

    init?(argument: String) {
        guard let number = PolicyCommands.versionNumber(argument) else { return nil }
        self.number = number
    }
}

/// A date on the command line, as 2026-03-31.
extension Day: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
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

/// What a command does with lines that would otherwise end it: all that learn, set, judge or promise from files.
struct LineRuleOptions: ParsableArguments {
    @Flag(
        help: "Go on without lines that are refused, and say so in the result; without it any refused line ends the command (65).")
    var skipRefused = false
    @Option(
        help: ArgumentHelp(
            "What becomes of a document that is there again: refuse (65), or first: the first counts, the others are told.",
            valueName: "rule"))
    var repeats: LineRules.Repeats = .refuse

    var rules: LineRules { LineRules(skipsRefused: skipRefused, repeats: repeats) }
}

/// Whether files that are there are written over.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Write over files that are there.") var overwrite = false

    var outputs: OutputFiles { OutputFiles(overwrites: overwrite) }
}

extension LineRules.Repeats: ExpressibleByArgument {}
