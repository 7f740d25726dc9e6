import Testing

@testable import HTTPWire

@Suite struct ResponseTests {
    private func render(
        _ response: Response, isHead: Bool = false, connection: ResponseWriter.ConnectionOption = .none
    ) -> String {
        var output: [UInt8] = []
        ResponseWriter.append(response, isHead: isHead, connection: connection, date: Array("Date: D\r\n".utf8), to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `a response is a status line, Date, its length, its fields and its body`() {
        var response = Response(status: 201, body: Array("{}".utf8))
        response.addField("Location", "/a" as String)
        response.addField("ETag", bytes: Array("\"1\"".utf8))
        response.addField("Vary", "Accept" as StaticString)
        #expect(
            render(response)
                == "HTTP/1.1 201 Created\r\nDate: D\r\nContent-Length: 2\r\nLocation: /a\r\nETag: \"1\"\r\nVary: Accept\r\n\r\n{}")
        #expect(render(response, isHead: true) + "{}" == render(response))
    }

    @Test(arguments: [UInt16(204), 304])
    func `a status without content has neither body nor length`(status: UInt16) {
        let text = render(Response(status: status, body: [0x78]))
        #expect(text.hasSuffix("\r\nDate: D\r\n\r\n"))
    }

    @Test func `a status unknown to the table has an empty phrase behind its space`() {
        #expect(render(Response(status: 299)).hasPrefix("HTTP/1.1 299 \r\n"))
    }

    @Test func `the connection is mentioned where it must be`() {
        #expect(render(Response(status: 200), connection: .close).contains("\r\nConnection: close\r\n"))
        #expect(render(Response(status: 200), connection: .keepAlive).contains("\r\nConnection: keep-alive\r\n"))
        #expect(!render(Response(status: 200)).contains("Connection"))
    }

    @Test func `no value can end its line`() {
        var response = Response(status: 200)
        response.addField("A", "b\r\nC: d\u{00}\u{7F}\te\u{E9}" as String)
        response.addField("B", bytes: [0x0A, 0x41])
        #expect(String(decoding: response.fieldLines, as: UTF8.self) == "A: b  C: d  \te\u{E9}\r\nB:  A\r\n")
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"), (1_709_251_200, "Fri, 01 Mar 2024 00:00:00 GMT"),
        (1_767_225_599, "Wed, 31 Dec 2025 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ])
    func `a date is written as HTTP writes it`(seconds: Int, text: String) {
        #expect(String(decoding: HTTPDate.line(unixSeconds: seconds), as: UTF8.self) == "Date: \(text)\r\n")
    }

    @Test(
        arguments: [
            (WireFault.missingHost, 400), (.unknownMethod, 501), (.unsupportedVersion, 505), (.targetTooLong(bytesMax: 1), 414),
            (.misdirected, 421),
            (.headTooLarge(bytesMax: 1), 431), (.tooManyFields(max: 1), 431), (.unknownExpectation, 417), (.bodyTooLarge(bytesMax: 1), 413),
            (.headTooSlow, 408), (.overloaded, 503), (.unknownTransferCoding, 501), (.controlByte(offset: 7), 400),
        ] as [(WireFault, UInt16)])
    func `a fault is answered by problem details`(fault: WireFault, status: UInt16) {
        let response = fault.response
        let body = String(decoding: response.body, as: UTF8.self)
        let fields = String(decoding: response.fieldLines, as: UTF8.self)
        #expect(response.status == status)
        #expect(fields.contains("Content-Type: application/problem+json\r\n"))
        #expect(fields.contains("Retry-After: 1\r\n") == (status == 503))
        #expect(body.hasPrefix("{\"type\":\"/problems/"))
        #expect(body.contains("\"status\":\(status),"))
        #expect(body.contains("\"errors\":[{\"header\":") == (fault.header != nil))
    }

    @Test func `a fault's answer is complete`() {
        #expect(
            String(decoding: WireFault.repeatedHost.response.body, as: UTF8.self)
                == #"{"type":"/problems/invalid-request","title":"The request is not of the right shape","status":400,"#
                + #""detail":"the field Host is at fault: the field may occur only once","#
                + #""errors":[{"header":"Host","detail":"the field may occur only once"}]}"#)
    }
}
