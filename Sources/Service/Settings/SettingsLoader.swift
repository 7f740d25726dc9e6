import API

/// The settings as read, and where each value came from.
package struct LoadedSettings: Sendable {
    package var settings: Settings
    /// By key; a key that is not here has its default.
    package var origins: [String: SettingOrigin]
    /// The settings file, when there was one.
    package var file: String?
}

/// Reads the settings once, at start: defaults, then the YAML file (`--config`, else SLUICE_CONFIG, else none), then SLUICE_ variables,
/// then flags; the later source wins. Every mistake of every source is found before any is reported.
package struct SettingsLoader {
    package static let configFlag = "--config"
    package static let configVariable = "SLUICE_CONFIG"
    static let variablePrefix = "SLUICE_"
    /// A settings file is a page or two; what is longer is some other file.
    static let fileBytesMax = 1 << 20

    private var settings = Settings()
    private var origins: [String: SettingOrigin] = [:]
    private var mistakes: [SettingsMistake] = []
    private var secretInFile: String?

    /// - Parameters:
    ///   - arguments: flags as they stood on the command line, e.g. `["--port", "80", "--host=::1"]`.
    ///   - environment: all variables; those that do not begin with SLUICE_ are left alone.
    package static func load(arguments: [String], environment: [String: String]) throws(SettingsMistakes) -> LoadedSettings {
        var loader = SettingsLoader()
        let flags = loader.parse(arguments)
        let file = flags.config ?? environment[configVariable]
        if let file {
            loader.readFile(file, place: flags.config == nil ? configVariable : configFlag)
        }
        loader.readEnvironment(environment)
        for (setting, texts) in flags.values {
            loader.set(setting, texts, origin: .flag(name: setting.flag ?? ""))
        }
        loader.checkContradictions()
        guard loader.mistakes.isEmpty else { throw SettingsMistakes(mistakes: loader.mistakes) }
        return LoadedSettings(settings: loader.settings, origins: loader.origins, file: file)
    }

    // MARK: The sources

    private mutating func readFile(_ path: String, place: String) {
        let text: String
        do {
            text = try InputFile.text(of: path, bytesMax: SettingsLoader.fileBytesMax)
        } catch {
            note(
                place, "the settings file cannot be read: \(error)", "name a file that exists and may be read",
                isUsage: place == SettingsLoader.configFlag)
            return
        }
        let file: SettingsFile
        do {
            file = try SettingsFile.read(text)
        } catch {
            note(
                error.line.map { "\(path):\($0)" } ?? path, error.message, "see config/sluice.yaml for the form, or: sluice config defaults"
            )
            return
        }
        for entry in file.entries { read(entry, of: path) }
        if let key = secretInFile, let mode = InputFile.mode(of: path), mode & 0o077 != 0 {
            note("\(path): \(key)", "the file holds a secret and others may read it", "chmod 600 \(path)")
        }
    }

    private mutating func read(_ entry: SettingsFile.Entry, of path: String) {
        let place = "\(path):\(entry.line): \(shown(entry.key))"
        guard let setting = Setting.all.first(where: { $0.key == entry.key }) else {
            note(
                place, "there is no such setting",
                Spelling.hint(for: entry.key, among: Setting.all.map(\.key)) ?? "see: sluice config defaults")
            return
        }
        switch entry.value {
        case .null: break
        case .texts(let texts, let isSequence):
            if isSequence && !setting.isList {
                note(place, "it is a list", "give one value")
                return
            }
            if setting.isSecret { secretInFile = setting.key }
            set(setting, texts, origin: .file(path: path, line: entry.line))
        case .other: note(place, "it is neither a value nor a list of values", "see config/sluice.yaml for the form")
        }
    }

    private mutating func readEnvironment(_ environment: [String: String]) {
        for name in environment.keys.filter({ $0.hasPrefix(SettingsLoader.variablePrefix) }).sorted()
        where name != SettingsLoader.configVariable {
            let text = environment[name] ?? ""
            guard let setting = Setting.all.first(where: { $0.environmentName == name }) else {
                note(shown(name), "there is no such setting", SettingsLoader.remedy(forUnknownVariable: name))
                continue
            }
            if text.isEmpty {
                note(name, "it is empty", "give a value, or unset it")
                continue
            }
            if text.hasPrefix("tcp://") {
                note(name, "`\(shown(text))` is not a value for it", SettingsLoader.kubernetesRemedy)
                continue
            }
            let texts = setting.isList ? text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) : [text]
            set(setting, texts, origin: .environment(name: name))
        }
    }

    /// Kubernetes gives every container variables for the services of its namespace; for one called `sluice` they begin as ours do,
    /// and SLUICE_PORT is one of them (an address, `tcp://…`).
    private static let kubernetesRemedy = "Kubernetes makes it for a service called sluice: set enableServiceLinks: false in the pod"

    private static func remedy(forUnknownVariable name: String) -> String {
        if name.hasPrefix("SLUICE_SERVICE_") || name.hasPrefix("SLUICE_PORT_") {
            return kubernetesRemedy
        }
        let known = Setting.all.map(\.environmentName) + [configVariable]
        return Spelling.hint(for: name, among: known) ?? "unset it; see: sluice config defaults"
    }

    // MARK: Flags

    private mutating func parse(_ arguments: [String]) -> (config: String?, values: [(Setting, [String])]) {
        var config: String?
        var values: [(setting: Setting, texts: [String])] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--"), argument.utf8.count > 2 else {
                note(shown(argument), "there is nothing to do with it", "settings are written as --flag value", isUsage: true)
                continue
            }
            let equals = argument.utf8.firstIndex(of: UInt8(ascii: "="))
            let name = String(argument[..<(equals ?? argument.endIndex)])
            let setting = Setting.all.first { $0.flag == name }
            if setting == nil, name != SettingsLoader.configFlag {
                note(shown(name), "there is no such flag", SettingsLoader.remedy(forUnknownFlag: name), isUsage: true)
                if equals == nil, let next = rest.first, !next.hasPrefix("--") { rest.removeFirst() }
                continue
            }
            let text: String
            if let equals {
                text = String(argument[argument.index(after: equals)...])
            } else if let next = rest.first, !next.hasPrefix("--") {
                text = next
                rest.removeFirst()
            } else {
                note(name, "it lacks a value", "write \(name) VALUE", isUsage: true)
                continue
            }
            guard let setting else {
                if config != nil { note(name, "it stands twice", "give it once", isUsage: true) }
                config = text
                continue
            }
            let texts = setting.isList ? text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) : [text]
            if let index = values.firstIndex(where: { $0.setting.key == setting.key }) {
                if setting.isList {
                    values[index].texts += texts
                } else {
                    note(name, "it stands twice", "give it once", isUsage: true)
                }
            } else {
                values.append((setting, texts))
            }
        }
        return (config, values)
    }

    private static func remedy(forUnknownFlag name: String) -> String {
        if let secret = Setting.all.first(where: {
            $0.isSecret && name == "--" + $0.key || Spelling.nearest(to: name, among: [$0.key]) != nil && $0.isSecret
        }) {
            return "a secret is set in the settings file or as \(secret.environmentName), where other users cannot see it"
        }
        return Spelling.hint(for: name, among: Setting.all.compactMap(\.flag) + [configFlag]) ?? "see: sluice serve --help"
    }

    // MARK: Taking values

    private mutating func set(_ setting: Setting, _ texts: [String], origin: SettingOrigin) {
        do {
            try setting.apply(texts, to: &settings)
            origins[setting.key] = origin
        } catch {
            note(SettingsLoader.place(of: setting, origin: origin), error.what, error.remedy, isUsage: origin.isFlag)
        }
    }

    /// Contradictions are looked for among the values that were good: a bad one is reported already.
    private mutating func checkContradictions() {
        for (key, problem) in Setting.contradictions(in: settings) {
            guard let setting = Setting.all.first(where: { $0.key == key }) else { continue }
            let origin = origins[key] ?? .default
            note(SettingsLoader.place(of: setting, origin: origin), problem.what, problem.remedy, isUsage: origin.isFlag)
        }
    }

    private static func place(of setting: Setting, origin: SettingOrigin) -> String {
        switch origin {
        case .default: "\(setting.key) (default)"
        case .file: "\(origin): \(setting.key)"
        case .environment, .flag: origin.description
        }
    }

    private mutating func note(_ place: String, _ problem: String, _ remedy: String, isUsage: Bool = false) {
        mistakes.append(SettingsMistake(place: place, problem: problem, remedy: remedy, isUsage: isUsage))
    }
}

extension SettingOrigin {
    var isFlag: Bool {
        if case .flag = self { true } else { false }
    }
}
