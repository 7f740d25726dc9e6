import Ledger

/// One row of the table of settings: all that is known about a key. The YAML file, `--help`, `config show` and the checks are made from it.
package struct Setting: Sendable {
    /// Its name in the YAML file.
    package let key: String
    /// What it does, in a sentence or two, with its unit.
    package let meaning: String
    let kind: Kind

    typealias Path<Value> = any WritableKeyPath<Settings, Value> & Sendable

    /// How it is read, checked and shown; the default is what stands in `Settings()`.
    enum Kind: Sendable {
        case integer(Path<Int>, ClosedRange<Int>)
        case boolean(Path<Bool>)
        /// Where a file is or can be made.
        case databasePath(Path<String>, placeholder: String)
        case optionalText(Path<String?>, placeholder: String)
        case addresses(Path<[String]>)
        case secret(Path<Secret?>, bytes: ClosedRange<Int>)
        /// One word of several.
        case word([String], get: @Sendable (Settings) -> String, set: @Sendable (inout Settings, String) -> Void)
        case roles(Path<AnonymousRoles>)
    }

    /// `SLUICE_` and the key in capitals: `bodyBytesMax` is `SLUICE_BODY_BYTES_MAX`.
    package var environmentName: String { "SLUICE_" + words.map { $0.uppercased() }.joined(separator: "_") }
    /// `--body-bytes-max`; nil for a secret, which every user of the machine could read in the list of processes.
    package var flag: String? { isSecret ? nil : "--" + words.joined(separator: "-") }

    package var isSecret: Bool {
        if case .secret = kind { true } else { false }
    }

    /// Whether a value is a list: a YAML sequence, commas in the environment, a flag given several times.
    var isList: Bool {
        switch kind {
        case .addresses, .roles: true
        default: false
        }
    }

    /// `bodyBytesMax` → `body`, `bytes`, `max`.
    private var words: [String] {
        var words: [String] = []
        var word = ""
        for character in key {
            if character.isUppercase {
                words.append(word)
                word = ""
            }
            word += character.lowercased()
        }
        return words + [word]
    }
}

extension Setting {
    /// Reads and checks a value. `texts` has one element unless the setting is a list.
    func apply(_ texts: [String], to settings: inout Settings) throws(Problem) {
        let text = texts.first ?? ""
        switch kind {
        case .integer(let path, let range): settings[keyPath: path] = try Setting.integer(text, in: range)
        case .boolean(let path):
            guard text == "true" || text == "false" else {
                throw Problem("`\(shown(text))` is neither true nor false", "write true or false")
            }
            settings[keyPath: path] = text == "true"
        case .databasePath(let path, _): settings[keyPath: path] = try Setting.databasePath(text)
        case .optionalText(let path, _): settings[keyPath: path] = try Setting.text(text)
        case .addresses(let path): settings[keyPath: path] = try Setting.addresses(texts)
        case .secret(let path, let bytes):
            guard bytes.contains(text.utf8.count) else {
                throw Problem(
                    "the secret has \(text.utf8.count) bytes",
                    "make one of \(bytes.lowerBound) to \(bytes.upperBound), e.g. with: openssl rand -hex 32")
            }
            settings[keyPath: path] = Secret(text)
        case .word(let words, _, let set):
            guard words.contains(text) else {
                throw Problem("`\(shown(text))` is not one of the words it takes", "write one of \(words.joined(separator: ", "))")
            }
            set(&settings, text)
        case .roles(let path): settings[keyPath: path] = try Setting.roles(texts)
        }
    }

    /// A whole number in plain decimal digits. Swift's own reading would take `+5`.
    private static func integer(_ text: String, in range: ClosedRange<Int>) throws(Problem) -> Int {
        let remedy = "write a whole number of \(range.lowerBound) to \(range.upperBound), digits only"
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else {
            throw Problem("`\(shown(text))` is not a whole number", remedy)
        }
        guard let number = Int(text), range.contains(number) else { throw Problem("\(shown(text)) is out of range", remedy) }
        return number
    }

    private static func text(_ text: String) throws(Problem) -> String {
        guard !text.isEmpty, !text.utf8.contains(0) else { throw Problem("the text is empty", "give a value, or leave the setting out") }
        return text
    }

    /// SQLite has names that are not those of files; a decision is answered when it is in one.
    private static func databasePath(_ text: String) throws(Problem) -> String {
        let path = try Setting.text(text)
        if path == ":memory:" {
            throw Problem(
                "a database in memory would be lost with the process", "give the path of a file; for a test, one in a directory of its own")
        }
        if path.utf8.starts(with: "file:".utf8) {
            throw Problem("`\(shown(path))` is an address, not a path", "give the path of the file, such as /var/lib/sluice/sluice.sqlite")
        }
        return path
    }

    private static func addresses(_ texts: [String]) throws(Problem) -> [String] {
        if texts.isEmpty { throw Problem("the list is empty", "name at least one address") }
        for (index, host) in texts.enumerated() {
            if let problem = HostText.problem(in: host) { throw problem }
            if texts[..<index].contains(host) { throw Problem("`\(shown(host))` stands twice", "name each address once") }
        }
        return texts
    }

    private static func roles(_ texts: [String]) throws(Problem) -> AnonymousRoles {
        if texts == [automaticWord] { return .automatic }
        if texts == [noneWord] || texts.isEmpty { return .explicit([]) }
        var roles: Set<Ledger.Role> = []
        for text in texts {
            guard let role = Ledger.Role(rawValue: text) else {
                throw Problem(
                    "`\(shown(text))` is not a role",
                    "write \(automaticWord), \(noneWord), or some of \(anonymousRoleNames.joined(separator: ", "))")
            }
            if role == .admin {
                throw Problem("`admin` always needs a token", "make one: sluice token create --role admin --name NAME")
            }
            roles.insert(role)
        }
        return .explicit(roles)
    }

    static let automaticWord = "auto"
    static let noneWord = "none"
    static let anonymousRoleNames = Ledger.Role.allCases.filter { $0 != .admin }.map(\.rawValue)
}
