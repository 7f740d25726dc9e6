import API
import Routing
import Testing

private func faults(_ json: String) -> (status: UInt16, faults: [String]) {
    do throws(Faults) {
        _ = try PolicyCodec.read(json: Array(json.utf8))
        return (200, [])
    } catch {
        return (
            error.status,
            error.faults.map { fault in
                guard case .pointer(let text) = fault.place else { return fault.detail }
                return "\(text): \(fault.detail)"
            }
        )
    }
}

@Suite struct `A policy` {
    static let full = """
        {"documentType":"cms-1500","threshold":0.9,"rules":[{"field":"patient.dateOfBirth","threshold":0.97},\
        {"field":"note.*","threshold":0.5},{"procedure":"7104*","diagnosis":"J18.*","threshold":0.92},\
        {"field":"patient.dateOfBirth","population":"northside","threshold":0.99},\
        {"payer":"medicare","effectiveFrom":"2027-01-01","threshold":0.95}],\
        "floors":[{"diagnosis":"J96.*","risk":"high","threshold":0.99}],"requiredFields":["patient.name"],\
        "optionalFields":["diagnosis.b"],"requiredSections":["impression"],"qualityAssurance":{"sampleRate":0.05},\
        "targets":{"field":0.99,"procedure":0.98,"primaryDiagnosis":0.95,"risk":0.05}}
        """

    @Test func `in canonical JSON is read and written unchanged`() throws {
        let policy = try PolicyCodec.read(json: Array(Self.full.utf8))
        #expect(String(decoding: PolicyCodec.write(policy), as: UTF8.self) == Self.full)
    }

    @Test func `in another order, with empty members, is the same policy`() throws {
        let other = """
            { "targets": {}, "threshold": 5e-1, "rules": [ {"threshold": 1.0, "field": "a"} ], "floors": [], "requiredFields": [],
              "version": 7, "changedAt": "2026-01-01T00:00:00Z", "changedBy": "x", "documentType": "t" }
            """
        let policy = try PolicyCodec.read(json: Array(other.utf8))
        let canonical = #"{"documentType":"t","threshold":0.5,"rules":[{"field":"a","threshold":1}]}"#
        #expect(String(decoding: PolicyCodec.write(policy), as: UTF8.self) == canonical)
    }

    @Test func `in YAML is the same policy`() throws {
        let yaml = """
            documentType: cms-1500
            threshold: 0.9          # the default
            rules:
              - {field: patient.dateOfBirth, threshold: 0.97}
              - field: note.*
                threshold: .5
              - {procedure: "7104*", diagnosis: J18.*, threshold: 92e-2}
              - {field: patient.dateOfBirth, population: northside, threshold: 0.99}
              - {payer: medicare, effectiveFrom: 2027-01-01, threshold: 0.95}
            floors:
              - {diagnosis: 'J96.*', risk: high, threshold: 0.99}
            requiredFields: [patient.name]
            optionalFields: [diagnosis.b]
            requiredSections: [impression]
            qualityAssurance: {sampleRate: 0.05}
            targets: {field: 0.99, procedure: 0.98, primaryDiagnosis: 0.95, risk: 0.05}
            """
        #expect(try PolicyCodec.read(yaml: yaml) == PolicyCodec.read(json: Array(Self.full.utf8)))
    }

    @Test func `in YAML keeps text that looks like something else`() throws {
        let policy = try PolicyCodec.read(yaml: "{documentType: t, threshold: 1, requiredFields: ['null', \"1\", no, 007, 1e, 2026-01-01]}")
        #expect(policy.requiredFields.map(\.string) == ["null", "1", "no", "007", "1e", "2026-01-01"])
    }

    @Test(arguments: [
        ("documentType: [", ": is not YAML"), ("{documentType: t, threshold: 1, threshold: 2}", ""), ("- a", ": must be an object"),
        ("", ": must be an object"),
        (
            "{documentType: t, threshold: 1, requiredFields: [71045]}",
            "/requiredFields/0: must be a string; write a code in quotes: \"71045\""
        ),
    ]) func `in YAML that is not one is refused`(yaml: String, fault: String) {
        #expect {
            _ = try PolicyCodec.read(yaml: yaml)
        } throws: { error in
            guard let faults = error as? Faults, case .pointer(let text) = faults.faults[0].place else { return false }
            return "\(text): \(faults.faults[0].detail)".hasPrefix(fault)
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var json: String
        var status: UInt16
        var faults: [String]
        var testDescription: String { json }
        init(_ members: String, _ status: UInt16, _ faults: String...) {
            json = #"{"documentType":"t","threshold":0.5\#(members.isEmpty ? "" : ",")\#(members)}"#
            self.status = status
            self.faults = faults
        }
    }

    static let number = "must be a number from 0 to 1"
    static let orNever = number + ", or null for never"
    static let required = "is required: a number from 0 to 1, or null for never"

    @Test(arguments: [
        Row("", 200),
        Row(#""rules":{}"#, 400, "/rules: must be an array"),
        Row(#""rules":[7]"#, 400, "/rules/0: must be an object"),
        Row(#""rules":[{"field":"a"}]"#, 400, "/rules/0/threshold: \(required)"),
        Row(#""rules":[{"field":"a","threshold":1.5}]"#, 400, "/rules/0/threshold: \(orNever)"),
        Row(#""rules":[{"field":"a*b","threshold":1}]"#, 422, "/rules/0/field: may have one *, at its end"),
        Row(#""rules":[{"field":"**","threshold":1}]"#, 422, "/rules/0/field: may have one *, at its end"),
        Row(#""rules":[{"field":"","threshold":1}]"#, 400, "/rules/0/field: must be 1 to 256 bytes without control characters"),
        Row(
            #""rules":[{"field":"a","procedure":"b","threshold":1}]"#, 422,
            "/rules/0: names a field and codes; it may name one or the other"),
        Row(#""rules":[{"threshold":1}]"#, 422, "/rules/0: names no item, population or payer"),
        Row(#""rules":[{"effectiveFrom":"2026-01-01","threshold":1}]"#, 422, "/rules/0: names no item, population or payer"),
        Row(#""floors":[{"risk":"high","threshold":1}]"#, 422, "/floors/0: names no item, population or payer"),
        Row(#""rules":[{"field":"a","risk":"high","threshold":1}]"#, 400, "/rules/0/risk: is not a member of a rule"),
        Row(
            #""rules":[{"field":"a","effectiveFrom":"2026-02-30","threshold":1}]"#, 400,
            "/rules/0/effectiveFrom: is a day that no calendar has"),
        Row(
            #""rules":[{"field":"a","effectiveFrom":"2026-02-02","effectiveTo":"2026-02-02","threshold":1}]"#, 422,
            "/rules/0/effectiveTo: must be later than effectiveFrom"),
        Row(
            #""rules":[{"field":"a","threshold":1},7,{"field":"a","effectiveTo":"2026-01-01","threshold":0}]"#, 400,
            "/rules/1: must be an object", "/rules/0: has the patterns and scopes of /rules/2 and overlaps it in time",
            "/rules/2: has the patterns and scopes of /rules/0 and overlaps it in time"),
        Row(#""requiredFields":["a","a"]"#, 422, "/requiredFields/1: stands at /requiredFields/0 already"),
        Row(
            #""requiredFields":["a"],"optionalFields":["b","a"]"#, 422, "/requiredFields/0: is optional at /optionalFields/1",
            "/optionalFields/1: is required at /requiredFields/0"),
        Row(#""requiredSections":"s""#, 400, "/requiredSections: must be an array of names"),
        Row(
            #""qualityAssurance":{"sampleRate":2,"rate":1}"#, 400, "/qualityAssurance/sampleRate: \(number)",
            "/qualityAssurance/rate: is not a member of qualityAssurance"),
        Row(#""targets":{"field":"0.99","fields":1}"#, 400, "/targets/field: \(number)", "/targets/fields: is not a member of targets"),
        Row(#""fields":[],"model":{"version":3}"#, 400, "/fields: is not a member of a policy", "/model: is not a member of a policy"),
        Row(
            #""aliases":{},"crosswalk":"x","certificate":"c""#, 400, "/aliases: is not a member of a policy",
            "/crosswalk: is not a member of a policy", "/certificate: is not a member of a policy"),
    ]) func `with faults is refused with all of them`(row: Row) {
        let told = faults(row.json)
        #expect(told.faults == row.faults)
        #expect(told.status == row.status)
    }

    @Test func `with faults of shape is told how the rest contradicts itself`() {
        let told = faults(
            #"""
            {"documentType": "a b", "threshold": 2, "rules": [{"threshold": 0.5}, {"field": "a*b", "threshold": 0.5},
             {"field": "a", "threshold": -1}, {"field": "a", "threshold": 1, "note": ""}], "requiredFields": ["a", "a"]}
            """#)
        #expect(told.status == 400)
        #expect(
            told.faults == [
                "/documentType: must be 1 to 128 of A-Za-z0-9._-, or *", "/threshold: \(Self.orNever)",
                "/rules/1/field: may have one *, at its end", "/rules/2/threshold: \(Self.orNever)",
                "/rules/3/note: is not a member of a rule", "/rules/0: names no item, population or payer",
                "/rules/2: has the patterns and scopes of /rules/3 and overlaps it in time",
                "/rules/3: has the patterns and scopes of /rules/2 and overlaps it in time",
                "/requiredFields/1: stands at /requiredFields/0 already",
            ])
    }

    @Test func `needs a document type and a threshold`() {
        #expect(faults("{}").faults == ["/documentType: is required", "/threshold: \(Self.required)"])
        #expect(
            faults(#"{"documentType":"a/b","threshold":"null"}"#).faults == [
                "/documentType: must be 1 to 128 of A-Za-z0-9._-, or *", "/threshold: \(Self.orNever)",
            ])
    }
}
