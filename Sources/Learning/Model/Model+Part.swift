import Crypto
import Routing

extension Model.Part {
    /// - Parameter remembersDocuments: whether it can tell later which documents it held.
    package init(_ cases: [Case], remembersDocuments: Bool = false, accounting: Accounting? = nil) {
        documents = cases.count
        items = cases.reduce(0) { $0 + $1.items.count }
        unchangedShare = Double(cases.count { $0.outcome?.isUnchanged == true }) / Double(max(cases.count, 1))
        let days = cases.compactMap { $0.serviceDate ?? $0.receivedAt?.date }
        from = days.min().map(\.iso8601)
        through = days.max().map(\.iso8601)
        digest = Model.Part.digest(cases)
        hashes = remembersDocuments ? DocumentHashes(cases, key: digest) : nil
        self.accounting = accounting
    }

    /// Over the text, the confidences and the outcome of each case, in their order.
    private static func digest(_ cases: [Case]) -> String {
        var hash = SHA256()
        for document in cases {
            var line = document.text
            for item in document.items {
                let bits = item.confidence?.value.bitPattern ?? UInt64.max
                line += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
            }
            if let outcome = document.outcome {
                line.append(outcome.isUnchanged ? 1 : 0)
                line += outcome.items.map { ($0.isKept ? 1 : 0) | ($0.isFirstRight ? 2 : 0) | ($0.isSecondRight ? 4 : 0) }
            }
            hash.update(data: line + [0])
        }
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
