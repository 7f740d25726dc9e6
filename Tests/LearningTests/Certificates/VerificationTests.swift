@testable import Learning
import Routing
import Testing

@Suite struct VerificationTests {
    @Test(arguments: [CertificateMode.fixedSequence, .strict])
    func `an honest certificate is sound, from its rows and from the documents`(mode: CertificateMode) throws {
        let made = try Made(mode: mode)
        let alone = made.certificate.verify()
        #expect(alone.isSound && alone.pValuesRecomputed == (mode == .fixedSequence) && !alone.documentsCounted && !alone.planRemade)
        let full = made.certificate.verify(tune: made.tune, certify: made.certify)
        #expect(full.isSound && full.pValuesRecomputed && full.documentsCounted && full.planRemade)
        #expect(made.certificate.threshold != nil)
    }

    @Test func `a certificate and a plan are the same bytes whenever written, and read back the same`() throws {
        var made = try Made(mode: .strict, seed: .max)
        let bytes = CertificateFile.encode(made.certificate)
        #expect(try CertificateFile.certificate(bytes) == made.certificate)
        #expect(CertificateFile.encode(try CertificateFile.certificate(bytes)) == bytes)
        let plan = CertificateFile.encode(made.certificate.plan)
        #expect(try CertificateFile.plan(plan) == made.certificate.plan)
        // Members in order of their names, and nothing that depends on the run.
        made = try Made(mode: .strict, seed: .max)
        #expect(CertificateFile.encode(made.certificate) == bytes)
    }

    /// Each is one change in the file, and what must be found. The middle row is the second target of the first test or later.
    @Test func `any number that was changed is found`() throws {
        let made = try Made()
        let outcome = made.certificate.outcome
        let row = outcome.rows[1]
        let lower = try Self.edit(made, "\"pValue\" : \(row.pValue)", "\"pValue\" : \(row.pValue / 2)")
        #expect(lower.verify().discrepancies.contains(.pValue(row: 1, recomputed: row.pValue)))

        let wider = SequenceOutcome(
            rows: outcome.rows, accepted: outcome.accepted.map { $0 + 1 },
            threshold: outcome.accepted.map { made.certificate.plan.sequence.grid[$0 + 1].threshold }, estimates: outcome.estimates,
            stop: outcome.stop)
        #expect(made.with(wider).verify().discrepancies == [.threshold(recomputed: outcome.threshold)])

        let cut = SequenceOutcome(
            rows: outcome.rows.dropLast(2), accepted: outcome.accepted, threshold: outcome.threshold,
            estimates: outcome.estimates, stop: nil)
        #expect(made.with(cut).verify().discrepancies == [.order])

        let swapped = SequenceOutcome(
            rows: [outcome.rows[1], outcome.rows[0]] + outcome.rows.dropFirst(2), accepted: outcome.accepted,
            threshold: outcome.threshold, estimates: outcome.estimates, stop: outcome.stop)
        #expect(made.with(swapped).verify().discrepancies.contains(.order))

        let level = try Self.edit(made, "\"level\" : \(made.certificate.plan.level),\n    \"request\"", "\"level\" : 0.5,\n    \"request\"")
        #expect(level.verify().discrepancies.contains(.level(0.05)))
    }

    @Test func `a floor that tune's rows do not give is found, and a start that tune does not give`() throws {
        let made = try Made()
        let plan = made.certificate.plan
        func moved(floor: Int?, start: Int?) -> Plan {
            Plan(
                format: plan.format, request: plan.request, targets: plan.targets, level: plan.level,
                sequence: SequencePlan(
                    tuneCount: plan.sequence.tuneCount, certifyCount: plan.sequence.certifyCount,
                    certifyAboveFloor: made.certify.count { document in
                        floor.map { (document.score ?? 0) >= plan.sequence.grid[$0].threshold } ?? false
                    }, grid: plan.sequence.grid, floor: floor, start: start, stake: plan.sequence.stake, tuneRows: plan.sequence.tuneRows))
        }
        let floor = try #require(plan.sequence.floor)
        for other in [floor + 1, floor - 1] {
            let looser = try moved(floor: other, start: plan.sequence.start).certify(made.certify, validity: CertificateTests.validity)
            #expect(looser.verify().discrepancies == [.floor(recomputed: floor)])
        }
        let later = try moved(floor: floor, start: plan.sequence.start.map { $0 + 1 })
            .certify(made.certify, validity: CertificateTests.validity)
        #expect(later.verify().isSound)
        #expect(later.verify(tune: made.tune).discrepancies == [.plan])
    }

    @Test func `other documents than those certified are found`() throws {
        let made = try Made()
        var certify = made.certify
        certify[0] = ScoredDocument(score: certify[0].score, counts: [CodeCount(codes: 2, wrong: 2), CodeCount(codes: 1, wrong: 1)])
        #expect(made.certificate.verify(certify: certify).discrepancies == [.outcome])
        #expect(
            made.certificate.verify(certify: Array(certify.dropLast())).discrepancies
                == [.documents(.countDiffers(planned: 5000, given: 4999))])
    }

    @Test func `a file that is damaged is refused with the reason`() throws {
        let made = try Made()
        let text = String(decoding: CertificateFile.encode(made.certificate), as: UTF8.self)
        #expect(throws: CertificateFile.ReadError.self) { try CertificateFile.certificate(Array(text.utf8.dropLast(40))) }
        #expect(throws: CertificateFile.ReadError.malformed(path: "/plan", reason: "has no level")) {
            try CertificateFile.certificate(Array(text.replacing("\"level\" : 0.05,\n    \"request\"", with: "\"request\"").utf8))
        }
        #expect(throws: CertificateFile.ReadError.format(3)) {
            try CertificateFile.certificate(Array(text.replacing("\"format\" : 2", with: "\"format\" : 3").utf8))
        }
        // Nothing else of an older one is read: it has another shape.
        #expect(throws: CertificateFile.ReadError.format(1)) {
            try CertificateFile.certificate(Array(#"{"outcomes": [], "plan": {"format": 1, "sequences": []}}"#.utf8))
        }
        #expect(throws: CertificateFile.ReadError.inconsistent) {
            try CertificateFile.certificate(
                Array(text.replacing("\"start\" : \(made.certificate.plan.sequence.start ?? -1)", with: "\"start\" : 999").utf8))
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

        init(mode: CertificateMode = .fixedSequence, seed: UInt64 = 4) throws {
            var stream = SyntheticStream(seed: 21)
            var request = try Examples.request(mode: mode, seed: seed)
            request.provenance = Provenance(model: "sha256:1", calibrator: "sha256:2")
            request.gridStep = 0.1
            request.targets = [
                try Examples.required(TargetRequest(name: "procedure", accuracy: 0.97, codesMax: 2)),
                try Examples.required(TargetRequest(name: "primaryDiagnosis", accuracy: 0.93, codesMax: 2)),
            ]
            tune = stream.documents(1500)
            certify = stream.documents(5000)
            certificate = try Plan.freeze(request, tune: tune, for: certify).certify(certify, validity: CertificateTests.validity)
        }

        func with(_ outcome: SequenceOutcome) -> Certificate {
            Certificate(plan: certificate.plan, outcome: outcome, validity: certificate.validity)
        }
    }

    private static func edit(_ made: Made, _ old: String, _ new: String) throws -> Certificate {
        let text = String(decoding: CertificateFile.encode(made.certificate), as: UTF8.self)
        #expect(text.contains(old), "\(old)")
        return try CertificateFile.certificate(Array(text.replacing(old, with: new).utf8))
    }
}
