import API
import Routing
import TestSupport
import Testing

@testable import Learning
@testable import Service

/// Certificates from files: planned, tested, shown, computed again.
struct CertifyTests {
    private let directory: TemporaryDirectory
    private let settings = Settings()
    private static let today = CivilDate(year: 2026, month: 3, day: 1) ?? .max
    private let model: String
    private let tune: String

    /// Reported confidence says all: from 0.2 on codes are right; below, half of the diagnoses are wrong, and with some the procedure.
    private static func lines(_ range: Range<Int>, withReview: Bool = true) -> String {
        range.map { number in
            let confidence = Double(number * 37 % 100) / 100
            let isRight = confidence >= 0.2 || number / 100 % 2 == 0
            let procedure = number % 3 == 0 ? "71046" : "71045"
            let review =
                isRight
                ? #"{"verdict":"approved"}"#
                : #"{"verdict":"modified","corrected":[{"procedure":"\#(procedure)","diagnosis":"R91.8","primary":true}]}"#
            return #"{"documentType":"radiology-report","documentId":"n-\#(number)","serviceDate":"2026-02-01","#
                + #""pairs":[{"procedure":"71045","diagnosis":"J18.9","primary":true,"confidence":\#(confidence)}]"#
                + (withReview ? #","review":\#(review)}"# : "}")
        }.joined(separator: "\n")
    }

    init() throws {
        directory = try TemporaryDirectory()
        model = "\(directory.path)/model.json"
        tune = try directory.file("tune.jsonl", Self.lines(600..<1200))
        _ = try TrainModel(train: [directory.file("train.jsonl", Self.lines(0..<600))], tune: [tune], out: model, settings: settings)
            .run { _ in }
    }

    private func job(_ certify: String, out: String) throws -> CertifyFiles {
        CertifyFiles(
            model: model, tune: [tune], certify: [certify], targets: try TargetAccuracy.list("procedure=0.98,primaryDiagnosis=0.95"),
            risk: try #require(Risk(delta: 0.05)), out: "\(directory.path)/\(out)", today: Self.today, settings: settings)
    }

    private func verification(
        _ path: String, _ certify: String, _ change: (inout VerifyCertificate) -> Void = { _ in }
    ) -> VerifyCertificate {
        var job = VerifyCertificate(path, today: Self.today, settings: settings)
        job.model = model
        job.certify = [certify]
        change(&job)
        return job
    }

    @Test func `a threshold is certified that lets the right ones through, and can be computed again`() throws {
        let certify = try directory.file("certify.jsonl", Self.lines(1200..<2700))
        let job = try job(certify, out: "certificate.json")
        let (lines, isCertified) = try job.run { Issue.record("\($0)") }
        #expect(isCertified)
        #expect(lines.contains { $0.hasPrefix("certified: score >= ") })
        let certificate = try CertificateChecks.read(job.out)
        let estimate = try #require(certificate.outcome.estimates.first)
        // Four of five are right for certain; with them at most a few others may pass at 95 %.
        #expect(0.7...0.9 ~= estimate.capture)
        #expect(try #require(estimate.accuracies.last?.accuracy) >= 0.95)
        #expect(try CertificateFile.plan(InputFile.bytes(of: job.planPath, bytesMax: 1 << 20)) == certificate.plan)

        let (found, isExpired) = try verification(job.out, certify) { $0.tune = [tune] }.run { _ in }
        #expect(found.first == "\(job.out) is sound")
        #expect(!isExpired)
        #expect(found.contains("all sums were counted again") && found.contains("the plan was made again"))
        // The same files give the same bytes.
        let again = try self.job(certify, out: "again.json")
        _ = try again.run { _ in }
        #expect(try InputFile.bytes(of: again.out, bytesMax: 1 << 20) == InputFile.bytes(of: job.out, bytesMax: 1 << 20))
    }

    @Test func `too few labels certify nothing, and it is said which test stopped and how many are likely to be needed`() throws {
        let job = try job(try directory.file("few.jsonl", Self.lines(1200..<1280)), out: "few.json")
        let (lines, isCertified) = try job.run { _ in }
        #expect(!isCertified)
        #expect(lines.contains("certified: nothing; no document may be routed confident by this model yet"))
        let stop = try #require(lines.first { $0.hasPrefix("stopped by ") })
        #expect(stop.contains("fresh reviewed documents at or above the floor are likely"))
        #expect(try #require(CertificateChecks.read(job.out).outcome.stop?.labelsNeeded) > 80)
    }

    @Test func `documents that planned or taught are not certified by`() throws {
        let shared = try directory.file("shared.jsonl", Self.lines(1150..<1700))
        let taught = try directory.file("taught.jsonl", Self.lines(0..<600))
        for (path, words) in [
            (shared, "tune and certify share 50 documents"), (taught, "of the 600 certify documents 600 taught the model"),
        ] {
            let failure = try #require(throws: Failure.self) { _ = try job(path, out: "none.json").run { _ in } }
            #expect(failure.message.contains(words))
        }
    }

    @Test func `it is said how many documents are above the floor, and files that hold those alone do as well`() throws {
        let certify = Self.lines(1200..<2700)
        let whole = try job(directory.file("whole.jsonl", certify), out: "whole.json")
        let lines = try whole.run { Issue.record("\($0)") }.lines
        let plan = try CertificateChecks.read(whole.out).plan
        let floor = try #require(plan.sequence.floor.map { plan.sequence.grid[$0].threshold })
        #expect(
            lines.contains(
                "certify: \(plan.sequence.certifyAboveFloor) of 1500 documents are at or above the floor; only these are tested"))
        #expect((1000...1499).contains(plan.sequence.certifyAboveFloor))
        #expect(lines.contains { $0.hasPrefix("planned on 600 tune documents: from score >= ") })
        // Only what stands at or above it.
        let reader = CaseReader(schemas: [])
        let scored = ScoredFiles(model: try ModelInput.read(model), targets: [.procedure, .primaryDiagnosis])
        let above = try certify.split(separator: "\n").filter {
            scored.scored([try reader.read(line: Array($0.utf8))])[0].score ?? 0 >= floor
        }
        let part = try job(directory.file("part.jsonl", above.joined(separator: "\n")), out: "part.json")
        let partLines = try part.run { Issue.record("\($0)") }.lines
        #expect(partLines.contains("certify: \(above.count) of \(above.count) documents are at or above the floor; only these are tested"))
        #expect(partLines.contains { $0.hasPrefix("all certify documents are at or above the floor, as ") })
        #expect(try CertificateChecks.read(part.out).threshold == CertificateChecks.read(whole.out).threshold)
        #expect(above.count == plan.sequence.certifyAboveFloor)
    }

    @Test(arguments: ["south", "St. Mary's", "Klinikum Süd"]) func `a population that misses a target is named`(site: String) throws {
        // One of fifteen documents comes from a site where a third of the diagnoses are wrong.
        let text = Self.lines(1200..<2700).split(separator: "\n").enumerated().map { index, line in
            let isSite = index % 15 == 0
            let other = line.replacing(#""pairs""#, with: #""population":"\#(isSite ? site : "north")","pairs""#)
            return isSite && index % 45 == 0
                ? other.replacing(
                    #"{"verdict":"approved"}"#,
                    with: #"{"verdict":"modified","corrected":[{"procedure":"71045","diagnosis":"R91.8","primary":true}]}"#) : other
        }.joined(separator: "\n")
        let job = try job(directory.file("sites.jsonl", text), out: "sites.json")
        let (lines, isCertified) = try job.run { Issue.record("\($0)") }
        #expect(isCertified)
        let named = lines.filter { $0.contains(" misses ") }
        #expect(named.count == 1 && named[0].hasPrefix("\(site) misses primaryDiagnosis: at least "), "\(named)")
        #expect(lines.contains { $0.hasPrefix(site) && $0.contains("% (") } && lines.contains { $0.hasPrefix("north ") })
        #expect(CertificateText.shown(try CertificateChecks.read(job.out), today: Self.today).contains(named[0]))
    }

    @Test func `codes that every document of tune has one of are tested exactly, in strict mode too`() throws {
        var job = try job(directory.file("strict.jsonl", Self.lines(1200..<2700)), out: "strict.json")
        job.mode = .strict
        let (_, isCertified) = try job.run { Issue.record("\($0)") }
        #expect(isCertified)
        let targets = try CertificateChecks.read(job.out).plan.targets
        #expect(targets.map(\.codesMax) == [1, 1] && targets.map(\.test) == [.exactBinomial, .exactBinomial])
    }

    @Test func `a certificate of an older version is refused in words`() throws {
        let old = try directory.file("old.json", #"{"outcomes":[],"plan":{"format":1,"sequences":[]},"validity":{}}"#)
        let failure = try #require(throws: Failure.self) { _ = try CertificateChecks.read(old) }
        #expect(
            failure.status == .badData && failure.message.contains("of an older version of sluice")
                && failure.message.contains("Certify again"))
    }

    @Test func `work that nobody has reviewed counts as wrong`() throws {
        let job = try job(try directory.file("open.jsonl", Self.lines(1200..<2700, withReview: false)), out: "open.json")
        #expect(try !job.run { _ in }.isCertified)
    }

    @Test func `a certificate that was changed, and files that are others, are found out`() throws {
        let certify = try directory.file("certify.jsonl", Self.lines(1200..<2700))
        let job = try job(certify, out: "certificate.json")
        _ = try job.run { _ in }
        let text = String(decoding: try InputFile.bytes(of: job.out, bytesMax: 1 << 20), as: UTF8.self)
        let threshold = try #require(CertificateChecks.read(job.out).threshold)
        let looser = try directory.file(
            "looser.json",
            text.split(separator: "\"threshold\" : \(threshold)", omittingEmptySubsequences: false).joined(
                separator: "\"threshold\" : \(threshold / 2)"))
        let others = try directory.file("others.jsonl", Self.lines(3000..<4500))
        for (file, certify) in [(looser, certify), (job.out, others)] {
            #expect {
                try verification(file, certify).run { _ in }
            } throws: {
                Failure($0).status == .badData
            }
        }
    }

    @Test(arguments: [
        ("procedure", "the accuracy of procedure"), ("procedure=2", "the accuracy of procedure"), ("dx=0.9", "\"dx\" is not a target"),
        ("procedure=0.9,procedure=0.8", "procedure is named twice"), ("", "\"\" is not a target"),
    ]) func `targets that mean nothing are refused`(text: String, words: String) {
        #expect {
            try TargetAccuracy.list(text)
        } throws: {
            Failure($0).status == .usage && Failure($0).message.contains(words)
        }
    }
}
