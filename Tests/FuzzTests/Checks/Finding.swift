/// What a check holds against the code that it checks: the property that these bytes broke. A crash speaks for itself.
package struct Finding: Error, Sendable, Equatable {
    package let reason: String
    package init(_ reason: String) { self.reason = reason }
}

/// The checks by the names of their fuzzers and of the folders with their seeds and findings.
package enum Check: String, CaseIterable, Sendable {
    case requests, chunks, results, policies, gzip, patterns

    /// - Throws: what does not hold.
    package func run(_ bytes: [UInt8]) throws(Finding) {
        switch self {
        case .requests: try RequestCheck.run(bytes)
        case .chunks: try ChunkCheck.run(bytes)
        case .results: try ResultCheck.run(bytes)
        case .policies: try PolicyCheck.run(bytes)
        case .gzip: try GzipCheck.run(bytes)
        case .patterns: try PatternCheck.run(bytes)
        }
    }
}

/// Where an input is cut: nowhere, at every byte, and at places that depend on the bytes alone, so that a finding is found again.
struct Cuts {
    /// Ends of the pieces, ascending, the last one being the end of the input.
    let ends: [Int]

    static func ways(for bytes: [UInt8]) -> [Cuts] {
        var ways = [Cuts(ends: Array(1...max(1, bytes.count)).filter { $0 <= bytes.count })]
        var seed = fingerprint(bytes)
        for pieceMax in [3, 17, 200] {
            var ends: [Int] = []
            var end = 0
            while end < bytes.count {
                // Knuth's 64-bit linear congruential generator (MMIX); the high bits are the good ones.
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                end = min(bytes.count, end + 1 + Int(seed >> 33) % pieceMax)
                ends.append(end)
            }
            ways.append(Cuts(ends: ends))
        }
        return ways
    }

    static func whole(_ bytes: [UInt8]) -> Cuts { Cuts(ends: [bytes.count]) }

    /// FNV-1a, 64 bits.
    static func fingerprint(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
