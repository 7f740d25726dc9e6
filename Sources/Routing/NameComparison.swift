/// How names and codes are compared.
public enum NameComparison: Sendable {
    /// Byte by byte: so were the decisions compared that stand in records of version 1.
    case asWritten
    /// By their canonical forms: what is equal to people is equal here.
    case canonical
}

/// What a text is, by which its canonical form is made.
public enum NameKind: Sendable { case name, code }

/// A pattern in the form that is compared.
public struct ComparedPattern: Sendable, Hashable {
    /// The prefix of everything.
    static let anything = ComparedPattern(isPrefix: true, bytes: [])

    let isPrefix: Bool
    let bytes: [UInt8]

    /// Whether a name or code of this canonical form is one that the pattern is about.
    public func covers(_ form: [UInt8]) -> Bool { isPrefix ? form.starts(with: bytes) : form == bytes }
}

extension Pattern {
    public func canonical(as kind: NameKind) -> ComparedPattern {
        switch kind {
        case .name: NameComparison.canonical.compared(field: self)
        case .code: NameComparison.canonical.compared(code: self) ?? .anything
        }
    }
}

/// What a rule is about, in the form that is compared.
enum ComparedItem: Hashable {
    case any
    case field(ComparedPattern)
    case pair(procedure: ComparedPattern?, diagnosis: ComparedPattern?)
}

extension NameComparison {
    func compared(name: Name) -> [UInt8] {
        self == .asWritten ? Array(name.string.utf8) : CanonicalForm.ofName(name.string.utf8)
    }

    func compared(field: Pattern) -> ComparedPattern {
        switch field {
        case .literal(let name): ComparedPattern(isPrefix: false, bytes: compared(name: name))
        case .prefix(let bytes):
            ComparedPattern(isPrefix: true, bytes: self == .asWritten ? bytes : CanonicalForm.ofNamePrefix(bytes))
        }
    }

    func compared(code: Pattern?) -> ComparedPattern? {
        switch code {
        case nil: nil
        case .literal(let name):
            ComparedPattern(
                isPrefix: false, bytes: self == .asWritten ? Array(name.string.utf8) : CanonicalForm.ofCode(name.string.utf8))
        case .prefix(let bytes): ComparedPattern(isPrefix: true, bytes: self == .asWritten ? bytes : CanonicalForm.ofCode(bytes))
        }
    }

    func compared(_ item: Policy.ItemPattern) -> ComparedItem {
        switch item {
        case .any, .pair(procedure: nil, diagnosis: nil): .any
        case .field(let field): .field(compared(field: field))
        case .pair(let procedure, let diagnosis):
            .pair(procedure: compared(code: procedure), diagnosis: compared(code: diagnosis))
        }
    }
}

extension Policy.ItemPattern {
    /// Whether both match the same items, however they are written.
    public func isSame(as other: Policy.ItemPattern) -> Bool {
        NameComparison.canonical.compared(self) == NameComparison.canonical.compared(other)
    }
}

extension Name {
    /// Whether both name the same to people.
    public func isSame(as other: Name) -> Bool { CanonicalForm.ofName(string.utf8) == CanonicalForm.ofName(other.string.utf8) }
}
