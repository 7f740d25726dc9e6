@testable import HTTPWire

/// The outcome of parsing a head.
enum HeadOutcome: Equatable {
    case request(Request, length: Int)
    case more
    case fault(WireFault)

    var fault: WireFault? {
        if case .fault(let fault) = self { return fault }
        return nil
    }

    var request: Request? {
        if case .request(let request, _) = self { return request }
        return nil
    }
}

/// Parses `bytes` as they arrive when the input is cut at `cuts` (ascending).
func parseHead(_ bytes: [UInt8], cuts: [Int] = [], limits: WireLimits = WireLimits()) -> HeadOutcome {
    var parser = HeadParser()
    for end in cuts + [bytes.count] {
        let arrived = Array(bytes[..<end])
        do throws(WireFault) {
            if let (request, length) = try parser.parse(arrived.span, limits: limits) { return .request(request, length: length) }
        } catch {
            return .fault(error)
        }
    }
    return .more
}

/// The outcome, checked to be the same for every cut in two and byte by byte.
func headOutcome(_ text: String, limits: WireLimits = WireLimits()) -> (outcome: HeadOutcome, differingCuts: [Int]) {
    let bytes = Array(text.unicodeScalars.map { UInt8($0.value) })
    let whole = parseHead(bytes, limits: limits)
    var differing: [Int] = []
    // Long inputs are cut at some places only.
    for cut in stride(from: 0, through: bytes.count, by: 1 + bytes.count / 400) where parseHead(bytes, cuts: [cut], limits: limits) != whole
    { differing.append(cut) }
    if parseHead(bytes, cuts: Array(0..<bytes.count), limits: limits) != whole { differing.append(-1) }
    return (whole, differing)
}

extension RequestHead {
    func text(_ range: Range<Int>?) -> String? { range.map { String(decoding: bytes[$0], as: UTF8.self) } }
}
