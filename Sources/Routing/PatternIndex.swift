/// The number of a pattern among those of its kind: a literal's own, a prefix's own, or that of a pattern not given, which matches all.
struct PatternNumber: Sendable, Equatable {
    let raw: Int32
    static let absent = PatternNumber(raw: -1)
    @inline(__always) static func literal(_ id: Int32) -> PatternNumber { PatternNumber(raw: id) }
    @inline(__always) static func prefix(_ id: Int32) -> PatternNumber { PatternNumber(raw: -2 - id) }
}

/// The shapes of patterns, as bits: whether a pair's procedure goes with any diagnosis of a shape is known without a look-up for each.
struct PatternShapes: OptionSet, Sendable {
    let rawValue: UInt64
    init(rawValue: UInt64) { self.rawValue = rawValue }
    static let absent = PatternShapes(rawValue: 1)
    static let literal = PatternShapes(rawValue: 2)
    /// Prefixes of 61 bytes and more share a bit.
    @inline(__always) static func prefix(_ length: Int) -> PatternShapes { PatternShapes(rawValue: 4 << UInt64(min(length, 61))) }
}

/// Which patterns of one index match an item. Made once a decision and used for every item.
struct PatternMatches {
    /// The literal's number, or -1.
    var literal: Int32 = -1
    /// How many prefixes match.
    var prefixCount = 0
    /// Their numbers, the shortest first. A prefix is at most 255 bytes, so there are no more of them; where its canonical form is longer,
    /// the longest of more than these are passed over.
    var prefixes = InlineArray<256, Int32>(repeating: 0)
    var shapes: PatternShapes = .absent
    /// The hash of all bytes; known unless the index is empty.
    var hash: UInt64 = 0
}

/// Patterns of one kind (fields, procedures or diagnoses): literals in one hash table, prefixes in another that is asked once for every
/// length a prefix has, that hash growing byte by byte.
struct PatternIndex: Sendable {
    private(set) var literals = NameTable()
    private(set) var prefixes = NameTable()
    private let hash = ByteHash.process
    /// By prefix number.
    private(set) var prefixLengths: [Int] = []
    /// The lengths that occur, ascending.
    private var lengths: [Int] = []

    var count: Int { literals.count + prefixes.count }
    var isEmpty: Bool { count == 0 }

    /// - Parameter pattern: nil for one that is not given.
    mutating func intern(_ pattern: ComparedPattern?) -> PatternNumber {
        guard let pattern else { return .absent }
        let bytes = pattern.bytes
        guard pattern.isPrefix else { return .literal(literals.intern(bytes)) }
        let id = prefixes.intern(bytes.span, hash: hash.ofPrefix(bytes))
        if Int(id) == prefixLengths.count {
            prefixLengths.append(bytes.count)
            let place = lengths.firstIndex { $0 >= bytes.count } ?? lengths.count
            if place == lengths.count || lengths[place] != bytes.count { lengths.insert(bytes.count, at: place) }
        }
        return .prefix(id)
    }

    func shape(of number: PatternNumber) -> PatternShapes {
        if number == .absent { return .absent }
        return number.raw >= 0 ? .literal : .prefix(prefixLengths[Int(-2 - number.raw)])
    }

    /// The patterns that match a name or code; or, of a prefix (`isPrefix`), those that match all that it matches.
    @inline(__always)
    func match(_ bytes: Span<UInt8>, isPrefix: Bool, into matches: inout PatternMatches) {
        matches.literal = -1
        matches.prefixCount = 0
        matches.shapes = .absent
        if isEmpty { return }
        var hash = self.hash.ofPrefixes
        var at = 0
        let lengths = self.lengths.span
        for index in lengths.indices {
            let length = lengths[index]
            if length > bytes.count { break }
            while at < length {
                hash.add(bytes[at])
                at += 1
            }
            let id = prefixes.find(bytes.extracting(0..<length), hash: hash.value)
            if id >= 0, matches.prefixCount < matches.prefixes.count {
                matches.prefixes[matches.prefixCount] = id
                matches.prefixCount += 1
                matches.shapes.insert(.prefix(length))
            }
        }
        if isPrefix { return }
        matches.hash = self.hash.of(bytes)
        matches.literal = literals.find(bytes, hash: matches.hash)
        if matches.literal >= 0 { matches.shapes.insert(.literal) }
    }
}
