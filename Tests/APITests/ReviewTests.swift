import API
import Ledger
import Routing
import Testing

/// A review beside a result, in all the ways that files have it.
@Suite struct `A review in a file` {
    private static let fields = #""fields":[{"name":"x","value":"1"},{"name":"y","value":""},{"name":"n","value":"7"}]"#
    private static let pairs =
        #""pairs":[{"procedure":"1","diagnosis":"a","primary":true},{"procedure":"1","diagnosis":"b"},{"procedure":"2","diagnosis":"c"}]"#

    private func read(_ items: String, _ review: String) throws(Faults) -> ImportedReview? {
        let line = #"{"documentType":"t","documentId":"d",\#(items),"review":\#(review)}"#
        let router = OfflineRouter(policies: PolicySet([]), salt: [1, 2, 3])
        return try router.decide(line: Array(line.utf8), review: .kept, at: Instant(milliseconds: 0)).review
    }

    private static let keptPair = #"{"procedure":"1","diagnosis":"a","primary":true}"#
    private static let newPair = #"{"procedure":"3","diagnosis":"d","primary":true}"#

    @Test(
        arguments: ["corrected", "corrections"],
        [
            (fields, #"{"x":"2"}"#), (fields, #"{"fields":{"x":"2"}}"#), (fields, #"{"fields":{"x":"2"},"pairs":null}"#),
            (fields, #"{"fields":{"x":2,"y":null}}"#), (pairs, "[\(keptPair),\(newPair)]"), (pairs, "{\"pairs\":[\(newPair),\(keptPair)]}"),
            (pairs, "{\"fields\":null,\"pairs\":[\(keptPair),\(newPair)]}"),
        ])
    func `has corrections under both names and in both shapes, and they say the same`(name: String, _ row: (items: String, text: String))
        throws
    {
        let made = try #require(try read(row.items, #"{"verdict":"modified","\#(name)":\#(row.text)}"#))
        if row.items == Self.fields {
            #expect(made.items == [.changed, .kept, .kept])
            #expect(made.added.isEmpty)
        } else {
            #expect(made.items == [.kept, .removed, .removed])
            #expect(made.added.map(\.first.string) == ["3"])
        }
    }

    @Test(arguments: [
        #""corrected":{"x":"2"},"corrections":{"fields":{"x":"2"}}"#, #""corrections":{"x":"3"},"corrected":{"x":"2"}"#,
        #""corrected":null,"corrections":{"fields":{"x":"2"}}"#, #""corrections":null,"corrected":{"x":"2"},"reviewedBy":null"#,
        #""corrections":{"fields":{"x":"2"}},"reviewer":"coder-7","note":"seen twice","claim":"c-1","at":null"#,
    ]) func `may say it twice, if it is the same, and what is null is absent`(members: String) throws {
        #expect(try read(Self.fields, #"{"verdict":"modified",\#(members)}"#)?.items == [.changed, .kept, .kept])
    }

    @Test(arguments: [
        (
            #"{"verdict":"modified","corrected":{"x":"2"},"corrections":{"fields":{"n":"2"}}}"#,
            "/review/corrections: says otherwise than corrected"
        ),
        (
            #"{"verdict":"modified","corrections":{"fields":{"x":"2"}},"corrected":{"w":"2"}}"#,
            "/review/corrected: says otherwise than corrections"
        ),
        (#"{"verdict":"approved","corrections":{"fields":{"x":"2"}}}"#, "/review/corrections: changes what the verdict approves"),
        (#"{"verdict":"modified","corrections":{"fields":{"x":"1"}}}"#, "/review/corrections: changes nothing"),
        (
            #"{"verdict":"modified","corrections":{"fields":{"x":"2"},"codes":[]}}"#,
            "/review/corrections/codes: is not a member of corrections"
        ),
        (#"{"verdict":"modified","corrections":{"fields":[]}}"#, "/review/corrections/fields: must be an object"),
        (#"{"verdict":"modified","corrections":{"pairs":{}}}"#, "/review/corrections/pairs: must be an array"),
        (#"{"verdict":"modified","corrections":{"fields":{"x":["2"]}}}"#, "/review/corrections/fields/x: must be a string, a number"),
        (#"{"verdict":"modified","corrections":{"pairs":[{"procedure":"1"}]}}"#, "/review/corrections/pairs/0: must be a pair"),
        (#"{"verdict":"modified","unreadable":["z"]}"#, "/review/unreadable/0: is not a field of the result"),
        (#"{"verdict":"modified","unreadable":"x"}"#, "/review/unreadable: must be an array"),
        (#"{"verdict":"approved","unreadable":["x"]}"#, "/review/corrected: changes what the verdict approves"),
        (#"{"verdict":"approved","reviewer":"a","reviewedBy":"b"}"#, "/review/reviewedBy: says otherwise"),
        (#"{"verdict":"approved","mood":null}"#, "/review/mood: is not a member of a review"),
    ]) func `that contradicts itself or is of no known shape is refused with the place`(review: String, fault: String) throws {
        do throws(Faults) {
            _ = try read(Self.fields, review)
            Issue.record("\(review) was read")
        } catch {
            let found = error.faults.map { fault in
                if case .pointer(let pointer) = fault.place { "\(pointer): \(fault.detail)" } else { fault.detail }
            }
            #expect(found.count == 1)
            #expect(found[0].hasPrefix(fault), "\(found)")
        }
    }

    @Test func `counts what nobody could read as not right`() throws {
        let made = try #require(try read(Self.fields, #"{"verdict":"modified","corrections":{"fields":{"x":"2"}},"unreadable":["n"]}"#))
        #expect(made.items == [.changed, .kept, .removed])
    }
}

/// What a past result says, as a digest.
@Suite struct `A content digest` {
    private func digest(_ line: String) throws -> [UInt8] { try ContentDigest().of(line: Array(line.utf8)) }

    @Test(arguments: [
        #"{"b": [1, 2.50], "a": {"y": "é", "x": true}}"#, #"{"a":{"x":true,"y":"\u00e9"},"b":[1.0,2.5]}"#,
        #"{"a":{"x":true,"y":"é","z":null},"b":[1e0,25e-1],"c":null}"#,
    ]) func `is the same for the same content, however it is written`(line: String) throws {
        let digest = try digest(line)
        #expect(digest == (try self.digest(#"{"a":{"x":true,"y":"é"},"b":[1,2.5]}"#)))
        #expect(digest.count == ContentDigest.bytes)
    }

    @Test(arguments: [
        #"{"a":"1","b":"2"}"#, #"{"a":"12","b":""}"#, #"{"a":"","b":"12"}"#, #"{"a":1,"b":2}"#, #"{"ab":"1","":"2"}"#,
        #"{"a":["1"],"b":"2"}"#,
        #"{"a":[["1"],"2"]}"#, #"{"a":["1",["2"]]}"#, #"{"a":[null,"1"]}"#, #"{"a":true}"#, #"{"a":false}"#, #"{"a":{}}"#, #"{"a":[]}"#,
        "{}",
        #"{"a":"1","b":"3"}"#,
    ]) func `is another for other content`(line: String) throws {
        let others = [
            #"{"a":"1","b":"2","c":"3"}"#, #"{"a":"1"}"#, #"{"a":["1","2"]}"#, #"{"a":"true"}"#, #"{"a":[{}]}"#, #"{"a":"\u0000"}"#,
            #"{"a":[1]}"#, #"{"b":"1","a":"2"}"#,
        ]
        for other in others { #expect(try digest(line) != digest(other), "\(other)") }
    }
}
