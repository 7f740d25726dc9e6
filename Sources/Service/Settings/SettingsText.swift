import Ledger

/// The settings as people read them: the commented file, the flags' help, what is in force.
package enum SettingsText {
    /// `config/sluice.yaml`: every setting with its default and a comment.
    package static var defaultsFile: String {
        let head = """
            # The settings of Sluice, each with its default. `sluice config defaults` prints this file.
            #
            # A setting is taken from the first of these that has it: a flag of the command, an environment variable, the file named
            # by --config or else by SLUICE_CONFIG, the default. `sluice config show` prints what is in force and where it came from.
            # `null` is as good as leaving a key out. Unknown keys are errors.

            """
        let defaults = Settings()
        return head
            + Setting.all.map { setting in
                "\n" + wrapped(setting.meaning, columns: 100).map { "# \($0)\n" }.joined()
                    + "# \(setting.valuesText) \(setting.sourcesText)\n"
                    + "\(setting.key): \(setting.yaml(in: defaults))\n"
            }.joined()
    }

    /// What stands under `Settings` in `sluice serve --help`.
    package static var flagsHelp: String {
        let defaults = Settings()
        return Setting.all.map { setting in
            let title = setting.flag.map { "\($0) <\(setting.placeholder)>" } ?? "(no flag) \(setting.key)"
            let value = setting.isUnset(in: defaults) ? "not set" : setting.yaml(in: defaults)
            // Help is wrapped at 80 columns where the terminal does not say otherwise; wrapped here, it keeps its indent.
            let lines =
                wrapped("\(setting.meaning) \(setting.valuesText)", columns: 72)
                + ["Default: \(value). Variable: \(setting.environmentName)"]
            return "  \(title)\n" + lines.map { "      \($0)" }.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// What is in force, as a YAML file whose comments say where each value came from.
    package static func inForce(_ loaded: LoadedSettings) -> String {
        let lines = Setting.all.map { ("\($0.key): \($0.yaml(in: loaded.settings))", loaded.origins[$0.key] ?? .default) }
        let width = min(60, lines.map(\.0.count).max() ?? 0)
        return lines.map { line, origin in
            line + String(repeating: " ", count: max(0, width - line.count)) + "  # \(origin)\n"
        }.joined()
    }

    private static func wrapped(_ text: String, columns: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= columns {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

extension Setting {
    /// Which values it takes.
    var valuesText: String {
        switch kind {
        case .integer(_, let range): "\(range.lowerBound)…\(range.upperBound)."
        case .boolean: "true or false."
        case .databasePath, .optionalText: "A path."
        case .addresses: "A list."
        case .secret(_, let bytes): "\(bytes.lowerBound)…\(bytes.upperBound) bytes."
        case .word(let words, _, _): "One of \(words.joined(separator: ", "))."
        case .roles: "\(Setting.automaticWord), \(Setting.noneWord), or a list of \(Setting.anonymousRoleNames.joined(separator: ", "))."
        }
    }

    /// How it is set elsewhere than in the file.
    var sourcesText: String {
        let commas = isList ? " (commas between values)" : ""
        guard let flag else { return "\(environmentName); no flag, for flags can be seen by other users." }
        return "\(environmentName), \(flag)\(commas)."
    }

    var placeholder: String {
        switch kind {
        case .integer: "number"
        case .boolean: "true|false"
        case .databasePath(_, let placeholder), .optionalText(_, let placeholder): placeholder.lowercased()
        case .addresses: "address,…"
        case .secret: "secret"
        case .word: "word"
        case .roles: "role,…"
        }
    }

    func isUnset(in settings: Settings) -> Bool { yaml(in: settings) == "null" }

    /// The value as it stands in a YAML file; a secret is redacted.
    package func yaml(in settings: Settings) -> String {
        switch kind {
        case .integer(let path, _): String(settings[keyPath: path])
        case .boolean(let path): String(settings[keyPath: path])
        case .databasePath(let path, _): Setting.quoted(settings[keyPath: path])
        case .optionalText(let path, _): settings[keyPath: path].map(Setting.quoted) ?? "null"
        case .addresses(let path): "[\(settings[keyPath: path].map(Setting.quoted).joined(separator: ", "))]"
        case .secret(let path, _): settings[keyPath: path] == nil ? "null" : "\"\(Secret.redacted)\""
        case .word(_, let get, _): get(settings)
        case .roles(let path):
            switch settings[keyPath: path] {
            case .automatic: Setting.automaticWord
            case .explicit(let roles): roles.isEmpty ? Setting.noneWord : "[\(roles.map(\.rawValue).sorted().joined(separator: ", "))]"
            }
        }
    }

    /// Plain where YAML reads it back as the same text, else in double quotes.
    private static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy {
                ($0 | 0x20 >= 97 && $0 | 0x20 <= 122) || ($0 >= 46 && $0 <= 57) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            } && !["null", "true", "false"].contains(text.lowercased()) && !text.hasPrefix("-")
        if isPlain { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                quoted += "\\u" + String(repeating: "0", count: scalar.value < 16 ? 3 : 2) + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
