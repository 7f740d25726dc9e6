import Yams

/// A settings file: a YAML mapping of keys to scalars or, for lists, sequences of scalars.
///
/// Yams alone, not swift-configuration: its providers answer one typed key at a time, so unknown keys, line numbers and a list of
/// all mistakes would be ours to write anyway, around a larger dependency.
struct SettingsFile {
    struct Entry {
        var key: String
        /// Counted from 1.
        var line: Int
        var value: Value
    }

    enum Value {
        /// `null`, `~` or nothing: as if the key were not there.
        case null
        case texts([String], isSequence: Bool)
        /// A mapping, or a sequence of anything but scalars.
        case other
    }

    var entries: [Entry]

    /// - Throws: what is wrong with the text as a whole; an empty one is a file without settings.
    static func read(_ text: String) throws(SyntaxError) -> SettingsFile {
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch {
            throw SyntaxError(error)
        }
        guard let root else { return SettingsFile(entries: []) }
        guard case .mapping(let mapping) = root else {
            if case .scalar(let scalar) = root, isNull(scalar) { return SettingsFile(entries: []) }
            throw SyntaxError(line: root.mark?.line, message: "it is not a mapping of keys to values")
        }
        return SettingsFile(
            entries: mapping.map { key, value in
                Entry(key: key.scalar?.string ?? "", line: key.mark?.line ?? 1, value: self.value(of: value))
            })
    }

    struct SyntaxError: Error {
        var line: Int?
        var message: String
    }

    private static func value(of node: Node) -> Value {
        switch node {
        case .scalar(let scalar): return isNull(scalar) ? .null : .texts([scalar.string], isSequence: false)
        case .sequence(let sequence):
            let texts = sequence.compactMap { $0.scalar?.string }
            return texts.count == sequence.count ? .texts(texts, isSequence: true) : .other
        case .mapping, .alias: return .other
        }
    }

    private static func isNull(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}

extension SettingsFile.SyntaxError {
    init(_ error: any Error) {
        guard let error = error as? YamlError else {
            self.init(line: nil, message: "it cannot be read as YAML")
            return
        }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            self.init(line: mark.line, message: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            self.init(
                line: context.mark.line, message: "keys stand twice: \(duplicates.map { shown($0) }.sorted().joined(separator: ", "))")
        default: self.init(line: nil, message: "it cannot be read as YAML")
        }
    }
}
