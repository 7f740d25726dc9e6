import Testing

/// Where a request ends (RFC 9110 §8.6, RFC 9112 §6, §7). Behind each body stands what would be a second answer if it were taken for a request.
@Suite struct `HTTP framing` {
    static let result = Raw.result
    static let size = Raw.result.utf8.count

    static let lengths: [WireCase] =
        [
            .stays("a body of its length", Raw.post(), 201),
            .stays("leading zeros", Raw.post(fields: "Content-Length: 000\(size)\r\n", result), 201),
            .stays(
                "a hundred leading zeros", Raw.post(fields: "Content-Length: \(String(repeating: "0", count: 100))\(size)\r\n", result), 201
            ),
            .stays("blanks around", Raw.post(fields: "Content-Length: \t \(size) \t\r\n", result), 201),
            .stays("the same twice", Raw.post(fields: "Content-Length: \(size)\r\nContent-Length: \(size)\r\n", result), 201),
            .stays("the same in a list", Raw.post(fields: "Content-Length: \(size), \(size)\r\n", result), 201),
            .stays("no body", Raw.post(fields: "", ""), 400),
            .stays("a body of zero bytes", Raw.post(fields: "Content-Length: 0\r\n", ""), 400),
            .stays("a request behind a body of zero bytes", Raw.post(fields: "Content-Length: 0\r\n", Raw.get()), 400, 200),
            .stays("a GET with a body", Raw.get("Content-Length: 5\r\n") + "abcde", 200),
            .stays("a GET whose body looks like a request", Raw.get("Content-Length: \(Raw.smuggled.utf8.count)\r\n") + Raw.smuggled, 200),
            .stays("a HEAD with a body", "HEAD /healthz HTTP/1.1\r\n\(Raw.host)Content-Length: 5\r\n\r\nabcde", 200),
            .stays("an OPTIONS with a body", "OPTIONS /healthz HTTP/1.1\r\n\(Raw.host)Content-Length: 5\r\n\r\nabcde", 204),
            .stays("a body that is a request", Raw.post("", body: Raw.smuggled), 400),
            .closes("a body that ends too early", Raw.post(fields: "Content-Length: \(size + 1)\r\n", result), 400, endsInput: true),
            .closes("no byte of the body", Raw.post(fields: "Content-Length: \(size)\r\n", ""), 400, endsInput: true),
            .closes("a body with one byte more", Raw.post() + "}", 201, 400, endsInput: true),
        ]
        + [
            "", "+5", "-5", "-0", "5 5", "0x5", "0X5", "5.0", "5e0", "1_000", "5;", "5,", ",5", "5,,5", "\"5\"", "'5'", "five", "0b1",
            "5\u{0B}",
            "\u{B2}", "\u{A0}5", "5\t5", "5 , x", "NaN", "infinity", "5;q=1",
        ].map {
            .closes("Content-Length: \($0.debugDescription)", Raw.post(fields: "Content-Length: \($0)\r\n", "hello\(Raw.smuggled)"), 400)
        }
        + [
            "9223372036854775808", "18446744073709551615", "18446744073709551616", "18446744073709551621", "99999999999999999999999999999",
            "4294967296000000000000",
        ].map { .closes("Content-Length: \($0)", Raw.post(fields: "Content-Length: \($0)\r\n", "hello"), 400) }
        + [("5, 6"), ("5, 5, 6"), ("6, 5")].map {
            .closes("Content-Length: \($0)", Raw.post(fields: "Content-Length: \($0)\r\n", "hello\(Raw.smuggled)"), 400)
        }
        + [
            ("5", "6"), ("0", "5"), ("5", "0"), ("5", "x"), ("5", ""), ("5", "+5"),
        ].map { first, second in
            .closes(
                "Content-Length: \(first) and \(second)",
                Raw.post(fields: "Content-Length: \(first)\r\nContent-Length: \(second)\r\n", "hello\(Raw.smuggled)"), 400)
        }
        + [
            .closes("a GET with two lengths", Raw.get("Content-Length: 0\r\nContent-Length: 44\r\n") + Raw.smuggled, 400),
            .closes("a negative length with GET", Raw.get("Content-Length: -1\r\n"), 400),
            .closes("a length over the limit", Raw.post(fields: "Content-Length: 8388609\r\n", ""), 413),
            .closes("a length of 2^62", Raw.post(fields: "Content-Length: 4611686018427387904\r\n", "{}"), 413),
            .closes("a length of 2^63 - 1 with GET", Raw.get("Content-Length: 9223372036854775807\r\n"), 413),
        ]

    @Test func `a Content-Length is one decimal number`() throws {
        try WireRunner().run(Self.lengths)
    }

    static let empty = "0\r\n\r\n"

    static let codings: [WireCase] =
        [
            .stays("chunked", Raw.chunked(Raw.chunk(result) + empty), 201),
            .stays("in capitals", Raw.post(fields: "TRANSFER-ENCODING: CHUNKED\r\n", Raw.chunk(result) + empty), 201),
            .stays("in mixed case", Raw.post(fields: "Transfer-Encoding: ChUnKeD\r\n", Raw.chunk(result) + empty), 201),
            .stays("blanks around", Raw.post(fields: "Transfer-Encoding: \t chunked \t\r\n", Raw.chunk(result) + empty), 201),
            .stays("empty elements of the list", Raw.post(fields: "Transfer-Encoding: , chunked ,\r\n", Raw.chunk(result) + empty), 201),
            .stays("a GET with an empty chunked body", Raw.get("Transfer-Encoding: chunked\r\n") + empty, 200),
            .stays(
                "a GET whose chunk looks like a request", Raw.get("Transfer-Encoding: chunked\r\n") + Raw.chunk(Raw.smuggled) + empty, 200),
            .stays("a request behind a chunked one", Raw.chunked(Raw.chunk(result) + empty) + Raw.get(), 201, 200),
            .stays("an empty chunked body", Raw.chunked(empty), 400),
            .closes(
                "HTTP/1.0",
                "POST /v1/decisions HTTP/1.0\r\n\(Raw.host)\(Raw.json)Transfer-Encoding: chunked\r\n\r\n" + Raw.chunk(result) + empty, 400),
            .closes(
                "HTTP/1.0 with keep-alive",
                "POST /v1/decisions HTTP/1.0\r\nConnection: keep-alive\r\n\(Raw.json)Transfer-Encoding: chunked\r\n\r\n" + empty
                    + Raw.smuggled, 400),
            .closes("with a length", Raw.chunked(empty + Raw.smuggled, fields: "Content-Length: 5\r\n"), 400),
            .closes("with a length of zero", Raw.chunked(empty + Raw.smuggled, fields: "Content-Length: 0\r\n"), 400),
            .closes("with a length behind it", Raw.post(fields: "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", empty + "G"), 400),
            .closes("an unknown coding with a length", Raw.post(fields: "Transfer-Encoding: x\r\nContent-Length: 5\r\n", "hello"), 400),
            .closes("identity with a length", Raw.post(fields: "Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "hello"), 400),
            .closes("with a length, by GET", Raw.get("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") + empty, 400),
        ]
        + [
            "", " ", "identity", "gzip", "deflate", "xchunked", "chunkedx", "chunke", "chunked, gzip", "chunked, identity",
            "chunked, chunked",
            "chunked,chunked,chunked", "chunked;q=1", "chunked; a=b", "chunked;", "\"chunked\"", "'chunked'", "chunked foo", "foo chunked",
            "chunked/1", "ch unked", "\u{0B}chunked", "chunked\u{0B}", "chunked\u{0C}", "chunked\u{0}", "\u{A0}chunked", "chunked\u{A0}",
            "{chunked}", "=chunked",
            "chunked=", "identity, chunked, identity", "chunked, x;a=\"b", "chunked:", "chun\tked",
        ].map {
            .closes(
                "Transfer-Encoding: \($0.debugDescription)", Raw.post(fields: "Transfer-Encoding: \($0)\r\n", empty + Raw.smuggled), 400)
        }
        + [
            "gzip, chunked", "deflate, chunked", "identity, chunked", "br, chunked", "foo, chunked", "foo;a=\"b,c\", chunked",
            "gzip, deflate, chunked",
        ].map { .closes("Transfer-Encoding: \($0)", Raw.post(fields: "Transfer-Encoding: \($0)\r\n", empty + Raw.smuggled), 501) }
        + [
            ("chunked", "chunked", 400), ("chunked", "gzip", 400), ("chunked", "identity", 400), ("chunked", "x", 400),
            ("gzip", "chunked", 501),
        ].map {
            .closes(
                "Transfer-Encoding: \($0.0) and \($0.1)",
                Raw.post(fields: "Transfer-Encoding: \($0.0)\r\nTransfer-Encoding: \($0.1)\r\n", empty + Raw.smuggled), $0.2)
        }

    @Test func `a transfer coding is chunked, once and last`() throws {
        try WireRunner().run(Self.codings)
    }

    static let hex = String(size, radix: 16)

    static let chunks: [WireCase] =
        [
            .stays(
                "several chunks", Raw.chunked(Raw.chunk(String(result.prefix(10))) + Raw.chunk(String(result.dropFirst(10))) + empty), 201),
            .stays("a chunk a byte", Raw.chunked(result.map { Raw.chunk(String($0)) }.joined() + empty), 201),
            .stays("a size in capitals", Raw.chunked("\(hex.uppercased())\r\n\(result)\r\n\(empty)"), 201),
            .stays("leading zeros", Raw.chunked("0000000\(hex)\r\n\(result)\r\n\(empty)"), 201),
            .stays("fifty leading zeros", Raw.chunked("\(String(repeating: "0", count: 50))\(hex)\r\n\(result)\r\n\(empty)"), 201),
            .stays("a last chunk of several zeros", Raw.chunked("\(hex)\r\n\(result)\r\n00000\r\n\r\n"), 201),
            .stays("an extension", Raw.chunked(Raw.chunk(result, extensions: ";a") + empty), 201),
            .stays("an extension with a value", Raw.chunked(Raw.chunk(result, extensions: ";a=b") + empty), 201),
            .stays("several extensions", Raw.chunked(Raw.chunk(result, extensions: ";a=b;c;d=e") + empty), 201),
            .stays("a quoted value", Raw.chunked(Raw.chunk(result, extensions: #";a="b c;d""#) + empty), 201),
            .stays("a quoted value with escapes", Raw.chunked(Raw.chunk(result, extensions: #";a="b\"c\\""#) + empty), 201),
            .stays("a quoted value with bytes above ASCII", Raw.chunked(Raw.chunk(result, extensions: ";a=\"\u{E9}\"") + empty), 201),
            .stays("an empty quoted value", Raw.chunked(Raw.chunk(result, extensions: #";a="""#) + empty), 201),
            .stays("blanks around the marks", Raw.chunked(Raw.chunk(result, extensions: " ;\ta \t= b") + empty), 201),
            .stays("an extension of the last chunk", Raw.chunked(Raw.chunk(result) + "0;a=b\r\n\r\n"), 201),
            .stays(
                "an extension of 1,000 bytes",
                Raw.chunked(Raw.chunk(result, extensions: ";a=\(String(repeating: "b", count: 1_000))") + empty), 201),
            .closes(
                "an extension of 2,000 bytes",
                Raw.chunked(Raw.chunk(result, extensions: ";a=\(String(repeating: "b", count: 2_000))") + empty), 400),
            .closes("an endless extension", Raw.chunked("1;\(String(repeating: "a", count: 100_000))"), 400),
            .closes("an endless size", Raw.chunked(String(repeating: "0", count: 100_000)), 400),
            .closes(
                "extensions of 100 kB over many chunks",
                Raw.chunked(
                    String(repeating: Raw.chunk(" ", extensions: ";a=\(String(repeating: "b", count: 900))"), count: 110)
                        + Raw.chunk(result) + empty),
                400),
        ]
        + [
            "g", "", " \(hex)", "\t\(hex)", "\(hex) ", "\(hex)\t", "0x\(hex)", "0X\(hex)", "+\(hex)", "-\(hex)", "-1", "\(hex).",
            "\(hex).0", "\(hex),", "\(hex)h", "\(hex)_0",
            "\(hex) \(hex)", "\"\(hex)\"", "\(hex);", "\(hex);;a", "\(hex);=b", "\(hex);a=", "\(hex);a=\"b", "\(hex);a=\"b\"c",
            "\(hex);a b", "\(hex);a=b c", "\(hex);a=\"\u{1}\"",
            "\(hex);a\u{0}", "\(hex)\u{0}", "\(hex)\u{0B}", ";a=b", "\u{B2}", "10000000000000000", "ffffffffffffffff", "8000000000000000",
            "FFFFFFFFFFFFFFFF1",
            "10000000000000000000000000\(hex)", "fffffffffffffffffffffff", "1\u{0}", "\(hex);(a)", "\(hex);a=(b)", "\(hex);a=b,c",
            "\(hex);a=\"b\\\u{0}\"",
        ].map { .closes("size line \($0.debugDescription)", Raw.chunked("\($0)\r\n\(result)\r\n\(empty)\(Raw.smuggled)"), 400) }
        + [
            .closes("a size line that ends with a line feed", Raw.chunked("\(hex)\n\(result)\r\n\(empty)\(Raw.smuggled)"), 400),
            .closes("a size line that ends with a carriage return", Raw.chunked("\(hex)\r\(result)\r\n\(empty)\(Raw.smuggled)"), 400),
            .closes("an extension that ends with a line feed", Raw.chunked("\(hex);a\n\(result)\r\n\(empty)\(Raw.smuggled)"), 400),
            .closes("a line feed within an extension", Raw.chunked("\(hex);a=\"\n\"\r\n\(result)\r\n\(empty)\(Raw.smuggled)"), 400),
            .closes("data that ends with a line feed", Raw.chunked("\(hex)\r\n\(result)\n\(empty)\(Raw.smuggled)"), 400),
            .closes("data that ends with a carriage return", Raw.chunked("\(hex)\r\n\(result)\r\(empty)\(Raw.smuggled)"), 400),
            .closes("data without a line end", Raw.chunked("\(hex)\r\n\(result)\(empty)\(Raw.smuggled)"), 400),
            .closes("data longer than its size", Raw.chunked("\(hex)\r\n\(result)x\r\n\(empty)\(Raw.smuggled)"), 400),
            .closes("two bytes between data and line end", Raw.chunked("\(hex)\r\n\(result)xx\(empty)\(Raw.smuggled)"), 400),
            .closes(
                "data shorter than its size", Raw.chunked("\(String(size + 1, radix: 16))\r\n\(result)\r\n\(empty)\(Raw.smuggled)"), 400),
            .closes("an empty line before the last chunk", Raw.chunked("\(hex)\r\n\(result)\r\n\r\n\(empty)\(Raw.smuggled)"), 400),
            .closes("no size at all", Raw.chunked("\r\n\(result)\r\n\(empty)"), 400),
            .closes("a last chunk that ends with a line feed", Raw.chunked("\(hex)\r\n\(result)\r\n0\n\r\n\(Raw.smuggled)"), 400),
            .closes("a last line that is a line feed", Raw.chunked("\(hex)\r\n\(result)\r\n0\r\n\n\(Raw.smuggled)"), 400),
            .closes("a last line that is a carriage return", Raw.chunked("\(hex)\r\n\(result)\r\n0\r\n\rG"), 400),
            .closes("a body over the limit", Raw.chunked("800001\r\n\(String(repeating: " ", count: 0x800001))\r\n\(empty)"), 413),
            .closes("a size over the limit", Raw.chunked("7fffffffffffff\r\n\(String(repeating: " ", count: 0x800001))"), 413),
            .closes("the end within a size", Raw.chunked("1"), 400, endsInput: true),
            .closes("the end within data", Raw.chunked("\(hex)\r\n{"), 400, endsInput: true),
            .closes("the end behind data", Raw.chunked("\(hex)\r\n\(result)"), 400, endsInput: true),
            .closes("the end before the last chunk", Raw.chunked(Raw.chunk(result)), 400, endsInput: true),
            .closes("the end behind the last size", Raw.chunked(Raw.chunk(result) + "0\r\n"), 400, endsInput: true),
            .closes("the end within the last line", Raw.chunked(Raw.chunk(result) + "0\r\n\r"), 400, endsInput: true),
            .closes("the end within a trailer", Raw.chunked(Raw.chunk(result) + "0\r\nX-A: b"), 400, endsInput: true),
        ]

    @Test func `chunks are as their grammar has them`() throws {
        try WireRunner().run(Self.chunks)
    }

    static func trailers(_ lines: String) -> String { Raw.chunked("\(hex)\r\n\(result)\r\n0\r\n\(lines)\r\n") }

    static let trailers: [WireCase] =
        [
            .stays("one", trailers("X-A: b\r\n"), 201),
            .stays("several, and blanks", trailers("X-A:b\r\nX-B: \t c \r\nX-C:\r\n"), 201),
            .stays("announced", Raw.chunked("\(hex)\r\n\(result)\r\n0\r\nX-A: b\r\n\r\n", fields: "Trailer: X-A\r\n"), 201),
            .stays("a length, ignored", trailers("Content-Length: 5\r\n") + Raw.get(), 201, 200),
            .stays("a transfer coding, ignored", trailers("Transfer-Encoding: chunked\r\n") + Raw.get(), 201, 200),
            .stays("Host, ignored", trailers("Host: evil.example\r\n"), 201),
            .stays("Connection: close, ignored", trailers("Connection: close\r\n"), 201),
            .stays("credentials, ignored", trailers("Authorization: Bearer wrong\r\n"), 201),
            .stays("a key, ignored", trailers("Idempotency-Key: a\r\n") + trailers("Idempotency-Key: a\r\n"), 201, 201),
            .stays("an expectation, ignored", trailers("Expect: x\r\n"), 201),
            .stays("a content coding, ignored", trailers("Content-Encoding: gzip\r\n"), 201),
            .stays("100", trailers(`HTTP fields`.lines(100)), 201),
            .closes("101", trailers(`HTTP fields`.lines(101)), 431),
            .closes("100,000", trailers(`HTTP fields`.lines(100_000)), 431),
            .closes("of 20,000 bytes", trailers("X-A: \(String(repeating: "b", count: 20_000))\r\n"), 431),
            .closes("an endless one", Raw.chunked("0\r\nX-A: \(String(repeating: "b", count: 100_000))"), 431),
        ]
        + [
            "X-A", "X-A b", ": b", "X-A : b", "X-A\t: b", " X-A: b", "X-A: b\r\n c", "X-A: b\u{0}", "X-A: b\u{1}", "X-A: b\u{7F}", "X A: b",
            "X(A: b", "\u{E9}: b",
            "X-A: b\nX-B: c", "X-A: b\rX-B: c", "GET / HTTP/1.1", "X-A: b\n",
        ].map { .closes("trailer \($0.debugDescription)", trailers("\($0)\r\n") + Raw.smuggled, 400) }

    @Test func `trailers are checked as fields, bounded, and mean nothing`() throws {
        try WireRunner().run(Self.trailers)
    }
}
