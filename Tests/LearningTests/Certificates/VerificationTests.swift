@testable import Learning
import Routing
import Testing

@Suite struct VerificationTests {
    @Test(arguments: [CertificateMode.fixedSequence, .strict(seed: 4)])
    func `an honest certificate is sound, from its rows and from the documents`(mode: CertificateMode) throws {
        let made = try Made(mode: mode)
        let alone = made.certificate.verify()
        #expect(alone.isSound && alone.pValuesRecomputed == (mode == .fixedSequence) && !alone.documentsCounted && !alone.planRemade)
        let full = made.certificate.verify(tune: made.tune, certify: made.certify)
        #expect(full.isSound && full.pValuesRecomputed && full.documentsCounted && full.planRemade)
        #expect(made.certificate.threshold != nil)
    }

    @Test func `a certificate and a plan are the same bytes whenever written, and read back the same`() throws {
        var made = try Made(
            mode: .strict(seed: .max), window: Window(from: Instant(milliseconds: 1), end: Instant(milliseconds: 86_400_000)))
        let bytes = CertificateFile.encode(made.certificate)
        #expect(try CertificateFile.certificate(bytes) == made.certificate)
        #expect(CertificateFile.encode(try CertificateFile.certificate(bytes)) == bytes)
        let plan = CertificateFile.encode(made.certificate.plan)
        #expect(try CertificateFile.plan(plan) == made.certificate.plan)
        #expect(String(decoding: plan, as: UTF8.self).contains("1970-01-02T00:00:00.000Z"))
        // Members in order of their names, and nothing that depends on the run.
        made = try Made(mode: .strict(seed: .max), window: made.certificate.plan.request.window)
        #expect(CertificateFile.encode(made.certificate) == bytes)
    }

    /// Each is one change in the file, and what must be found. The middle row is the second target of the first test or later.
    @Test func `any number that was changed is found`() throws {
        let made = try Made()
        let outcome = made.certificate.outcomes[0]
        let row = outcome.rows[1]
        let lower = try Self.edit(made, "\"pValue\" : \(row.pValue)", "\"pValue\" : \(row.pValue / 2)")
        #expect(lower.verify().discrepancies.contains(.pValue(sequence: 0, row: 1, recomputed: row.pValue)))

        let wider = SequenceOutcome(
            stratum: nil, rows: outcome.rows, accepted: outcome.accepted.map { $0 + 1 },
            threshold: outcome.accepted.map { made.certificate.plan.sequences[0].grid[$0 + 1].threshold }, estimates: outcome.estimates,
            stop: outcome.stop)
        #expect(made.with(wider).verify().discrepancies == [.threshold(sequence: 0, recomputed: outcome.threshold)])

        let cut = SequenceOutcome(
            stratum: nil, rows: outcome.rows.dropLast(2), accepted: outcome.accepted, threshold: outcome.threshold,
            estimates: outcome.estimates, stop: nil)
        #expect(made.with(cut).verify().discrepancies == [.order(sequence: 0)])

        let swapped = SequenceOutcome(
            stratum: nil, rows: [outcome.rows[1], outcome.rows[0]] + outcome.rows.dropFirst(2), accepted: outcome.accepted,
            threshold: outcome.threshold, estimates: outcome.estimates, stop: outcome.stop)
        #expect(made.with(swapped).verify().discrepancies.contains(.order(sequence: 0)))

        let level = try Self.edit(made, "\"level\" : \(made.certificate.plan.level),\n    \"request\"", "\"level\" : 0.5,\n    \"request\"")
        #expect(level.verify().discrepancies.contains(.level(0.05)))
    }

    @Test func `a start that the rule does not give is found, and one that tune does not give`() throws {
        let made = try Made()
        let plan = made.certificate.plan
        let later = Plan(
            format: plan.format, request: plan.request, targets: plan.targets, level: plan.level,
            sequences: [plan.sequences[0].starting(at: plan.sequences[0].start.map { $0 + 1 })])
        let moved = try later.certify(made.certify, validity: CertificateTests.validity)
        #expect(moved.verify().discrepancies == [.start(sequence: 0, recomputed: plan.sequences[0].start)])

        var request = plan.request
        request.startRule = .greatestCapture
        let relabelled = Plan(
            format: plan.format, request: request, targets: plan.targets, level: plan.level,
            sequences: [plan.sequences[0].starting(at: 4)])
        let chosen = try relabelled.certify(made.certify, validity: CertificateTests.validity)
        #expect(chosen.verify().isSound)
        #expect(chosen.verify(tune: made.tune).discrepancies == [.plan])
    }

    @Test func `other documents than those certified are found`() throws {
        let made = try Made()
        var certify = made.certify
        certify[0] = ScoredDocument(score: 1, counts: [CodeCount(codes: 1, wrong: 1), CodeCount(codes: 1, wrong: 1)])
        #expect(made.certificate.verify(certify: certify).discrepancies == [.outcome(sequence: 0)])
        #expect(
            made.certificate.verify(certify: Array(certify.dropLast())).discrepancies
                == [.documents(.countDiffers(stratum: nil, planned: 5000, given: 4999))])
    }

    @Test func `a file that is damaged is refused with the reason`() throws {
        let made = try Made()
        let text = String(decoding: CertificateFile.encode(made.certificate), as: UTF8.self)
        #expect(throws: CertificateFile.ReadError.self) { try CertificateFile.certificate(Array(text.utf8.dropLast(40))) }
        #expect(throws: CertificateFile.ReadError.malformed(path: "/plan", reason: "has no level")) {
            try CertificateFile.certificate(Array(text.replacing("\"level\" : 0.05,\n    \"request\"", with: "\"request\"").utf8))
        }
        #expect(throws: CertificateFile.ReadError.format(2)) {
            try CertificateFile.certificate(Array(text.replacing("\"format\" : 1", with: "\"format\" : 2").utf8))
        }
        #expect(throws: CertificateFile.ReadError.inconsistent) {
            try CertificateFile.certificate(
                Array(text.replacing("\"start\" : \(made.certificate.plan.sequences[0].start ?? -1)", with: "\"start\" : 999").utf8))
        }
        #expect(throws: CertificateFile.ReadError.inconsistent) {
            try CertificateFile.certificate(Array(text.replacing("\"delta\" : 0.05", with: "\"delta\" : 5").utf8))
        }
    }

    /// A certificate of a synthetic stream.
    struct Made {
        let tune: [ScoredDocument]
        let certify: [ScoredDocument]
        let certificate: Certificate

        init(mode: CertificateMode = .fixedSequence, window: Window = Window()) throws {
            var stream = SyntheticStream(seed: 21)
            var request = try Examples.request(mode: mode)
            request.window = window
            request.provenance = Provenance(model: "sha256:1", calibrator: "sha256:2")
            // Few points, so that the first has a thousand documents.
            request.gridStep = 0.2
            request.targets = [
                try Examples.required(TargetRequest(name: "procedure", accuracy: 0.97, codesMax: 2)),
                try Examples.required(TargetRequest(name: "primaryDiagnosis", accuracy: 0.93, codesMax: 2)),
            ]
            tune = stream.documents(1500)
            certify = stream.documents(5000)
            certificate = try Plan.freeze(request, tune: tune, certifyCount: 5000).certify(certify, validity: CertificateTests.validity)
        }

        func with(_ outcome: SequenceOutcome) -> Certificate {
            Certificate(plan: certificate.plan, outcomes: [outcome], validity: certificate.validity)
        }
    }

    private static func edit(_ made: Made, _ old: String, _ new: String) throws -> Certificate {
        let text = String(decoding: CertificateFile.encode(made.certificate), as: UTF8.self)
        #expect(text.contains(old), "\(old)")
        return try CertificateFile.certificate(Array(text.replacing(old, with: new).utf8))
    }
}
