import JSON
package import Learning
package import Routing

/// The commands `certificate show` and `certificate verify`.
package enum CertificateChecks {
    /// Longest certificate that is read, in bytes.
    private static let bytesMax = 64 << 20

    /// - Throws: `InputError`, `Failure` (badData, with what is wrong).
    package static func read(_ path: String) throws -> Certificate {
        let bytes = try InputFile.bytes(of: path, bytesMax: bytesMax)
        do throws(CertificateFile.ReadError) {
            return try CertificateFile.certificate(bytes)
        } catch {
            throw Failure(.badData, "\(path) \(reason(error))")
        }
    }

    private static func reason(_ error: CertificateFile.ReadError) -> String {
        switch error {
        case .malformed(let path, let reason): path.isEmpty ? "is not a certificate: \(reason)" : "is not a certificate: \(path) \(reason)"
        case .format(let format) where format < Plan.formatCurrent:
            "is of format \(format), of an older version of sluice, whose start and tests are no longer used. Certify again, or verify it with that version."
        case .format(let format): "is of format \(format), of a newer version of sluice; this one reads \(Plan.formatCurrent)."
        case .inconsistent: "is damaged: its parts do not fit each other."
        }
    }
}

/// The command `certificate verify`: computes a certificate again, as far as what is given allows.
package struct VerifyCertificate {
    package var path: String
    /// Needed to score `tune` and `certify`; must be the one that was certified.
    package var model: String?
    /// The files of the certificate; none to leave them out.
    package var tune: [String] = []
    package var certify: [String] = []
    /// What the certificate's validity is compared with.
    package var today: CivilDate
    package var outputs = OutputFiles()
    /// A file for the figures, `-` for standard output; nil for none.
    package var json: String?
    private let lineBytesMax: Int

    package init(_ path: String, today: CivilDate, settings: Settings) {
        self.path = path
        self.today = today
        lineBytesMax = settings.lineBytesMax
    }

    /// - Returns: what was found, for people, and whether the certificate is over.
    /// - Throws: `Failure` (badData) when anything differs.
    package func run(report: @escaping (String) -> Void) throws -> (lines: [String], isExpired: Bool) {
        try outputs.check([json])
        let certificate = try CertificateChecks.read(path)
        let documents = try documents(certificate, report: report)
        let found = certificate.verify(tune: documents.tune, certify: documents.certify)
        guard found.isSound else {
            throw Failure(.badData, "\(path) is not what its own numbers give:\n" + CertificateText.lines(found).joined(separator: "\n"))
        }
        let expired = CertificateText.expired(certificate.validity, today: today)
        let words =
            ["\(path) is sound"] + CertificateText.lines(found) + [expired].compactMap { $0 } + AccountText.lines(documents.accounts)
        let lines = try outputs.lines(words, figures: { figures(certificate, found, documents.accounts) }, to: json)
        return (lines, expired != nil)
    }

    private struct Documents {
        var tune: [ScoredDocument]?
        var certify: [ScoredDocument]?
        var accounts = Accounts()
    }

    private func documents(_ certificate: Certificate, report: @escaping (String) -> Void) throws -> Documents {
        guard let model = try model.map(ModelInput.read) else {
            if tune.isEmpty && certify.isEmpty { return Documents() }
            throw Failure(.usage, "files are scored by the model: give --model too.")
        }
        let provenance = certificate.plan.request.provenance
        guard model.hash == provenance.model else {
            throw Failure(.badData, "\(path) certifies another model: sha256 \(provenance.model ?? "none").")
        }
        let targets = try certificate.plan.request.targets.map { target in
            guard let known = Target(rawValue: target.name) else {
                throw Failure(.badData, "\(path) has a target that files cannot be counted for: \(target.name).")
            }
            return known
        }
        let progress = Progress(title: "read")
        defer { progress.finish() }
        // The files are taken as they were taken for the certificate, which says how.
        let rules = (provenance.certifyAccounting ?? provenance.tuneAccounting)?.rules ?? LineRules()
        var files = CaseFiles(lineBytesMax: lineBytesMax, schemas: model.about.schemas ?? [], rules: rules) { line in
            progress.finish()
            report(line)
        }
        let tuneCases = try files.read(tune, as: "tune", progress: progress)
        let certifyCases = try files.read(certify, as: "certify", progress: progress)
        try files.check()
        try model.checkFresh(tuneCases, of: "tune", mayTune: true)
        try model.checkFresh(certifyCases, of: "certify")
        let scored = ScoredFiles(model: model, targets: targets)
        var documents = Documents(accounts: files.accounts)
        if !tune.isEmpty {
            try check(tuneCases, "tune", digest: provenance.tune, provenance.tuneAccounting, files.accounts)
            documents.tune = scored.scored(tuneCases)
        }
        if !certify.isEmpty {
            try check(certifyCases, "certify", digest: provenance.certify, provenance.certifyAccounting, files.accounts)
            documents.certify = scored.scored(certifyCases)
        }
        return documents
    }

    /// That the documents are those of the certificate, and that as many lines were left out as it says.
    private func check(
        _ cases: [Case], _ part: String, digest: String?, _ accounting: Accounting?, _ accounts: Accounts
    ) throws(Failure) {
        guard Model.Part(cases).digest == digest else {
            throw Failure(.badData, "the \(part) files are not those of the certificate, whose cases have the digest \(digest ?? "none").")
        }
        let found = accounts.accounting(of: part)
        if let accounting, accounting != found {
            let lines = (AccountText.lines(accounting, of: "the certificate says, of \(part)") + AccountText.lines(found, of: "there are"))
            throw Failure(.badData, "the lines of the \(part) files are not those of the certificate:\n" + lines.joined(separator: "\n"))
        }
    }

    private func figures(_ certificate: Certificate, _ found: Verification, _ accounts: Accounts) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("certificate")
        writer.string(path)
        writer.members(certificate, today: today)
        for (name, value) in [
            ("sound", found.isSound), ("pValuesRecomputed", found.pValuesRecomputed), ("documentsCounted", found.documentsCounted),
            ("planRemade", found.planRemade),
        ] {
            writer.key(name)
            writer.bool(value)
        }
        writer.members(accounts)
        writer.endObject()
        return Array("\(PrettyJSON.text(writer.bytes))\n".utf8)
    }
}
