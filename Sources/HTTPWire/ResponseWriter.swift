/// Renders responses (RFC 9112 §4, §5, §6).
enum ResponseWriter {
    /// How the client learns where the body ends.
    enum Delimiter { case contentLength, chunked, close }

    enum ConnectionOption { case none, close, keepAlive }

    /// Whether a response of this status can have a body at all (RFC 9110 §15.3.5, §15.4.5).
    static func allowsBody(status: UInt16) -> Bool { status != 204 && status != 304 && status >= 200 }

    /// The status line, Date, framing, Connection, the response's own lines and the empty line.
    static func appendHead(
        of response: borrowing Response, delimiter: Delimiter, connection: ConnectionOption, date: [UInt8], to output: inout [UInt8]
    ) {
        output.append("HTTP/1.1 ")
        output.append(decimal: Int(response.status))
        output.append(0x20)
        output.append(phrase(of: response.status))
        output.append("\r\n")
        output.append(contentsOf: date)
        if allowsBody(status: response.status) {
            switch delimiter {
            case .contentLength:
                output.append("Content-Length: ")
                output.append(decimal: response.status == 205 ? 0 : response.body.count)
                output.append("\r\n")
            case .chunked: output.append("Transfer-Encoding: chunked\r\n")
            case .close: break
            }
        }
        switch connection {
        case .none: break
        case .close: output.append("Connection: close\r\n")
        case .keepAlive: output.append("Connection: keep-alive\r\n")
        }
        output.append(contentsOf: response.fieldLines)
        output.append("\r\n")
    }

    /// The whole of a response; without its body for a HEAD request, whose head is that of the GET (RFC 9110 §9.3.2).
    static func append(
        _ response: borrowing Response, isHead: Bool, connection: ConnectionOption, date: [UInt8], to output: inout [UInt8]
    ) {
        let needed = output.count + response.body.count + response.fieldLines.count + 192
        if output.capacity < needed { output.reserveCapacity(max(needed, 2 * output.capacity)) }
        appendHead(of: response, delimiter: .contentLength, connection: connection, date: date, to: &output)
        if !isHead, allowsBody(status: response.status), response.status != 205 { output.append(contentsOf: response.body) }
    }

    /// The reason phrases of RFC 9110 §15 and RFC 6585; they mean nothing to clients, so that others go without.
    private static func phrase(of status: UInt16) -> StaticString {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 203: "Non-Authoritative Information"
        case 204: "No Content"
        case 205: "Reset Content"
        case 206: "Partial Content"
        case 300: "Multiple Choices"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }
}
