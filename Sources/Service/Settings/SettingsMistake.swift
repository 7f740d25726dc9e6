/// What is wrong with a value, and what to do about it.
struct Problem: Error, Equatable {
    var what: String
    var remedy: String

    init(_ what: String, _ remedy: String) {
        self.what = what
        self.remedy = remedy
    }
}

/// One mistake in the settings: where it stands, what is wrong, what to do.
package struct SettingsMistake: Sendable, Equatable, CustomStringConvertible {
    /// As a person finds it: `sluice.yaml:12: port`, `SLUICE_PORT` or `--port`.
    package var place: String
    package var problem: String
    package var remedy: String
    /// Whether it was made on the command line.
    package var isUsage: Bool

    package var description: String { "\(place): \(problem); \(remedy)" }
}

/// All mistakes of the settings, in the order of the sources: file, environment, flags, then what does not go together.
package struct SettingsMistakes: Error, Sendable, Equatable, CustomStringConvertible {
    package var mistakes: [SettingsMistake]

    package var description: String {
        let title = mistakes.count == 1 ? "1 mistake in the settings" : "\(mistakes.count) mistakes in the settings"
        return ([title + ":"] + mistakes.map { "  \($0)" }).joined(separator: "\n")
    }
}

/// Where a setting's value came from.
package enum SettingOrigin: Sendable, Equatable, CustomStringConvertible {
    case `default`
    case file(path: String, line: Int)
    case environment(name: String)
    case flag(name: String)

    package var description: String {
        switch self {
        case .default: "default"
        case .file(let path, let line): "\(path):\(line)"
        case .environment(let name): name
        case .flag(let name): name
        }
    }
}
