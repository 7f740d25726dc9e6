import HTTPWire

/// Whether an answer may be kept.
enum Caching {
    case never
    /// By the caller, who asks each time whether the tag still holds (RFC 9111 §5.2.2.4). The tag is written without its quotes.
    case revalidated(tag: String)
    /// The same, and the same for all callers.
    case shared(tag: String)

    /// The tag of the same answer in gzip: strong as the other, for it names the same state, so that either may be sent back in `If-Match`.
    static func codedTag(_ tag: String) -> String { tag + "-gzip" }
}

extension Response {
    static func json(_ body: [UInt8], status: UInt16 = 200, _ caching: Caching = .never) -> Response {
        var response = Response(status: status, body: body)
        response.addField("Content-Type", "application/json")
        response.addCaching(caching)
        return response
    }

    static func noContent() -> Response {
        var response = Response(status: 204)
        response.addCaching(.never)
        return response
    }

    /// - Parameters:
    ///   - isCoded: the body is compressed: its bytes are others, and so is its tag.
    ///   - variesByCoding: another `Accept-Encoding` could get other bytes.
    mutating func addCaching(_ caching: Caching, isCoded: Bool = false, variesByCoding: Bool = false) {
        switch caching {
        case .never:
            addField("Cache-Control", "no-store")
            if variesByCoding { addField("Vary", "Accept-Encoding") }
        case .revalidated(let tag):
            addField("ETag", "\"\(isCoded ? Caching.codedTag(tag) : tag)\"")
            addField("Cache-Control", "private, no-cache")
            addField("Vary", variesByCoding ? "Authorization, Accept-Encoding" : "Authorization")
        case .shared(let tag):
            addField("ETag", "\"\(isCoded ? Caching.codedTag(tag) : tag)\"")
            addField("Cache-Control", "no-cache")
            if variesByCoding { addField("Vary", "Accept-Encoding") }
        }
    }

    /// 412 when `If-Match` does not name the tag (RFC 9110 §13.1.1), 304 when `If-None-Match` does (§13.1.2), else what `body` makes.
    /// An `If-None-Match` that cannot be read names nothing.
    /// - Parameter isNegotiated: the answer may be compressed.
    static func conditional(
        _ head: RequestHead, _ caching: Caching, isNegotiated: Bool = false, _ body: () throws(Problem) -> [UInt8]
    ) throws(Problem) -> Response {
        let tag: String? =
            switch caching {
            case .never: nil
            case .revalidated(let tag), .shared(let tag): tag
            }
        var faults = Faults([])
        let match = EntityTagList.read("if-match", "If-Match", of: head, faults: &faults)
        if !faults.isEmpty { throw Problem(faults) }
        let noneMatch = EntityTagList.read("if-none-match", "If-None-Match", of: head, faults: &faults)
        if let tag, let match, !match.matchesStrongly(tag), !(isNegotiated && match.matchesStrongly(Caching.codedTag(tag))) {
            throw Problem(.preconditionFailed, "The precondition does not hold: the tag is another one now.")
        }
        if let tag, let noneMatch, noneMatch.matchesWeakly(tag) || (isNegotiated && noneMatch.matchesWeakly(Caching.codedTag(tag))) {
            var response = Response(status: 304)
            // The fields are those of the 200 to the same request (RFC 9110 §15.4.5), so whether that would be coded is to be known.
            let isCoded = isNegotiated ? Response.isCoded(try body(), for: head) : false
            response.addCaching(caching, isCoded: isCoded, variesByCoding: isNegotiated)
            return response
        }
        return isNegotiated ? .negotiated(try body(), caching, for: head) : .json(try body(), caching)
    }
}
