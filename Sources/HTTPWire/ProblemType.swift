/// The kinds of errors that clients are told of (RFC 9457), each with its status and its words.
public enum ProblemType: CaseIterable, Sendable {
    case invalidRequest, unauthenticated, forbidden, notFound, methodNotAllowed, requestTimeout, preconditionFailed, contentTooLarge
    case uriTooLong, unsupportedMediaType, expectationFailed, misdirectedRequest, contradiction, preconditionRequired
    case headerFieldsTooLarge, internalError, notImplemented, overloaded, logUnavailable, notReady, versionNotSupported
}

extension ProblemType {
    public var status: UInt16 {
        switch self {
        case .invalidRequest: 400
        case .unauthenticated: 401
        case .forbidden: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .preconditionFailed: 412
        case .contentTooLarge: 413
        case .uriTooLong: 414
        case .unsupportedMediaType: 415
        case .expectationFailed: 417
        case .misdirectedRequest: 421
        case .contradiction: 422
        case .preconditionRequired: 428
        case .headerFieldsTooLarge: 431
        case .internalError: 500
        case .notImplemented: 501
        case .overloaded, .logUnavailable, .notReady: 503
        case .versionNotSupported: 505
        }
    }

    /// A relative reference (RFC 9457 §3.1.1), at which the server says what it means.
    public var uri: StaticString {
        switch self {
        case .invalidRequest: "/problems/invalid-request"
        case .unauthenticated: "/problems/unauthenticated"
        case .forbidden: "/problems/forbidden"
        case .notFound: "/problems/not-found"
        case .methodNotAllowed: "/problems/method-not-allowed"
        case .requestTimeout: "/problems/request-timeout"
        case .preconditionFailed: "/problems/precondition-failed"
        case .contentTooLarge: "/problems/content-too-large"
        case .uriTooLong: "/problems/uri-too-long"
        case .unsupportedMediaType: "/problems/unsupported-media-type"
        case .expectationFailed: "/problems/expectation-failed"
        case .misdirectedRequest: "/problems/misdirected-request"
        case .contradiction: "/problems/contradiction"
        case .preconditionRequired: "/problems/precondition-required"
        case .headerFieldsTooLarge: "/problems/header-fields-too-large"
        case .internalError: "/problems/internal-error"
        case .notImplemented: "/problems/not-implemented"
        case .overloaded: "/problems/overloaded"
        case .logUnavailable: "/problems/log-unavailable"
        case .notReady: "/problems/not-ready"
        case .versionNotSupported: "/problems/version-not-supported"
        }
    }

    public var title: StaticString {
        switch self {
        case .invalidRequest: "The request is not of the right shape"
        case .unauthenticated: "A valid token is needed"
        case .forbidden: "The token's role is too low"
        case .notFound: "Not found"
        case .methodNotAllowed: "The method is not allowed here"
        case .requestTimeout: "Request timeout"
        case .preconditionFailed: "A precondition does not hold"
        case .contentTooLarge: "The body is too large"
        case .uriTooLong: "URI too long"
        case .unsupportedMediaType: "The media type is not supported"
        case .expectationFailed: "Expectation failed"
        case .misdirectedRequest: "Misdirected request"
        case .contradiction: "The request contradicts itself or the state"
        case .preconditionRequired: "A precondition is required"
        case .headerFieldsTooLarge: "Request header fields too large"
        case .internalError: "Something went wrong here"
        case .notImplemented: "Not implemented"
        case .overloaded: "Too busy"
        case .logUnavailable: "The log takes no writes"
        case .notReady: "Not ready"
        case .versionNotSupported: "HTTP version not supported"
        }
    }

    /// What has happened and what to do, for whoever looks it up.
    public var meaning: StaticString {
        switch self {
        case .invalidRequest:
            "The request is not HTTP, not JSON, or not of the shape that the contract describes. Nothing of it was stored. `errors` names every fault, each by a JSON pointer into the body, a parameter of the query or a header; correct them and send it again. The same request will fail again."
        case .unauthenticated:
            "There is no token, or it is not known, has expired or was revoked. Send `Authorization: Bearer TOKEN`; `sluice token create --role ROLE --name NAME` makes one and prints it once. A bad token never counts as none."
        case .forbidden:
            "The token is good, and its role may not do this. `detail` names the roles that may; ask an administrator for a token of one of them."
        case .notFound:
            "There is nothing at this path, or nothing of this name or id. To an engine, decisions that other tokens posted are not there either."
        case .methodNotAllowed:
            "The path exists and does not take this method. The header `Allow` lists those that it takes."
        case .requestTimeout:
            "The request did not arrive in time: its head took too long, or its body came too slowly. The connection was closed. Send it again; with an Idempotency-Key it is decided once."
        case .preconditionFailed:
            "What `If-Match` or `If-None-Match` says does not hold: someone else has changed it, or it exists already. Read it again, decide whether your change still makes sense, and send it with the tag that you got."
        case .contentTooLarge:
            "The body, or a line of NDJSON, is longer than the limit, or becomes too long when it is decompressed. Send less at a time: results in large numbers go one a line, as application/x-ndjson."
        case .uriTooLong: "The path and query are longer than the limit. Send less in the query."
        case .unsupportedMediaType:
            "The body has no media type, one that is not taken here, another charset than UTF-8, or a content coding other than gzip. One result goes as application/json, many go one a line as application/x-ndjson; the header `Accept`, `Accept-Post` or `Accept-Encoding` of the answer lists what is taken."
        case .expectationFailed: "The header `Expect` asks for something other than `100-continue`."
        case .misdirectedRequest: "The request names a scheme that is not served here. Ask for an http URL of this server."
        case .contradiction:
            "Every member is well-formed, but the request contradicts itself or what is stored: a name that occurs twice, rules that overlap, an Idempotency-Key that was used with another body. `errors` names every such fault. The same request will fail again."
        case .preconditionRequired:
            "A change needs a condition, so that nobody overwrites what another has changed: `If-Match` with the tag that GET answered, or `If-None-Match: *` for what does not exist yet."
        case .headerFieldsTooLarge: "The header fields are too long, or there are too many of them. Send fewer."
        case .internalError:
            "A fault of this server or of its database. Its log says more, under the request's id (`X-Request-Id` of the answer). Tell whoever runs it."
        case .notImplemented: "The method or the transfer coding is not known to this server."
        case .overloaded:
            "More is waiting than the server takes at a time. Nothing was decided. Try again after the seconds that `Retry-After` names, and later each time."
        case .logUnavailable:
            "The log does not take writes, for example because the disk is full. No decision is answered that is not logged. Whether this one was logged is known when the request is sent again with its Idempotency-Key. `GET /readyz` says what is wrong; the server goes on by itself when there is room."
        case .notReady: "The server is stopping, or cannot make decisions; `detail` says why. Try again, or ask another one."
        case .versionNotSupported: "This server speaks HTTP/1.1, and HTTP/1.0 as far as it goes."
        }
    }
}
