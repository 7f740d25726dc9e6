import Routing

/// The names, codes and scopes that decisions had, to guess by what a pattern that met nothing was to mean.
struct SeenNames {
    /// Distinct names of one kind, the first that came, with how often they did.
    struct Kind {
        /// Beyond so many no new one is taken: people name some hundred fields, and some thousand codes.
        static let countMax = 5_000

        let kind: NameKind
        private var table = NameTable()
        private(set) var names: [String] = []
        /// Of each name the canonical form, by which patterns are compared.
        private var forms: [[UInt8]] = []
        private var counts: [Int] = []

        init(_ kind: NameKind) { self.kind = kind }

        mutating func add(_ range: TextRange, in text: [UInt8]) {
            let span = text.span.extracting(range.indices)
            let known = Int(table.find(span))
            if known >= 0 {
                counts[known] += 1
            } else if names.count < Kind.countMax {
                _ = table.intern(span)
                names.append(String(decoding: text[range.indices], as: UTF8.self))
                forms.append(kind == .name ? CanonicalForm.ofName(text[range.indices]) : CanonicalForm.ofCode(text[range.indices]))
                counts.append(1)
            }
        }

        func meets(_ pattern: Pattern) -> Bool {
            let pattern = pattern.canonical(as: kind)
            return forms.contains { pattern.covers($0) }
        }

        /// What a pattern that met nothing may have been meant to be: a prefix of names that begin so, else the most similar name.
        func likely(for pattern: Pattern) -> String? {
            switch pattern {
            case .literal(let name):
                if meets(.prefix(Array(name.string.utf8))) { return name.string + "*" }
                return kind == .code ? nil : Spelling.nearest(to: name.string, among: names)
            case .prefix(let bytes):
                if bytes.isEmpty || kind == .code { return nil }
                let text = String(decoding: bytes, as: UTF8.self)
                // As much of each name as the prefix has.
                let beginnings = names.map { String($0.prefix(text.count)) }
                return Spelling.nearest(to: text, among: beginnings).map { $0 + "*" }
            }
        }

        /// The most frequent name that a pattern meets.
        func example(of pattern: Pattern) -> String? {
            let pattern = pattern.canonical(as: kind)
            return names.indices.filter { pattern.covers(forms[$0]) }.max { counts[$0] < counts[$1] }.map { names[$0] }
        }

        /// The most frequent ones, for a text: "`a`, `b` and others".
        var some: String? {
            let order = names.indices.sorted { (counts[$1], $0) < (counts[$0], $1) }
            guard !order.isEmpty else { return nil }
            return order.prefix(3).map { "`\(names[$0])`" }.joined(separator: ", ") + (order.count > 3 ? " and others" : "")
        }
    }

    private(set) var fields = Kind(.name)
    private(set) var procedures = Kind(.code)
    private(set) var diagnoses = Kind(.code)
    private(set) var populations = Kind(.name)
    private(set) var payers = Kind(.name)
    private(set) var sections = Kind(.name)

    mutating func add(_ result: EngineResult) {
        for item in result.items {
            if item.kind == .field {
                fields.add(item.first, in: result.text)
            } else {
                procedures.add(item.first, in: result.text)
                diagnoses.add(item.second, in: result.text)
            }
        }
        if let population = result.population { populations.add(population, in: result.text) }
        if let payer = result.payer { payers.add(payer, in: result.text) }
        for section in result.sections ?? [] { sections.add(section, in: result.text) }
    }

    /// Why a rule met nothing, as far as can be guessed.
    func hint(for rule: Policy.Rule) -> String? {
        itemHint(rule.item) ?? scopeHint("population", rule.population, populations) ?? scopeHint("payer", rule.payer, payers)
    }

    private func itemHint(_ item: Policy.ItemPattern) -> String? {
        switch item {
        case .any: return nil
        case .field(let field):
            if fields.meets(field) { return nil }
            if let code = diagnoses.example(of: field) { return "`\(code)` is a diagnosis: name it as `diagnosis`, not as `field`" }
            if let code = procedures.example(of: field) { return "`\(code)` is a procedure: name it as `procedure`, not as `field`" }
            return hint(fields, field)
        case .pair(let procedure, let diagnosis):
            if let procedure, !procedures.meets(procedure) {
                if let code = diagnoses.example(of: procedure) { return "`\(code)` is a diagnosis" }
                return fields.meets(procedure) ? "a field is called so" : hint(procedures, procedure)
            }
            if let diagnosis, !diagnoses.meets(diagnosis) {
                if let code = procedures.example(of: diagnosis) { return "`\(code)` is a procedure" }
                return fields.meets(diagnosis) ? "a field is called so" : hint(diagnoses, diagnosis)
            }
            return procedure != nil && diagnosis != nil ? "its procedure and its diagnosis occur, but in other pairs" : nil
        }
    }

    private func hint(_ kind: Kind, _ pattern: Pattern) -> String? {
        if let likely = kind.likely(for: pattern) {
            let example = Pattern(likely).flatMap { kind.example(of: $0) }
            let named = example.map { $0.utf8.elementsEqual(likely.utf8) ? "" : ", as of `\($0)`" } ?? ""
            return "did you mean `\(likely)`\(named)?"
        }
        return kind.kind == .code ? nil : kind.some.map { "there are \($0)" }
    }

    private func scopeHint(_ what: String, _ scope: Name?, _ kind: Kind) -> String? {
        guard let scope, !kind.meets(.literal(scope)) else { return nil }
        if let likely = Spelling.nearest(to: scope.string, among: kind.names) { return "did you mean the \(what) `\(likely)`?" }
        return kind.some.map { "the \(what)s are \($0)" } ?? "no document says its \(what)"
    }
}
