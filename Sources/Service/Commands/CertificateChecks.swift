package import Learning

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

    /// Computes a certificate again, as far as what is given allows.
    /// - Parameters:
    ///   - model: needed to score `tune` and `certify`; must be the one that was certified.
    ///   - tune, certify: the files of the certificate; none to leave them out.
    /// - Returns: what was found, for people.
    /// - Throws: `Failure` (badData) when anything differs.
    package static func verify(
        _ path: String, model: String?, tune: [String], certify: [String], settings: Settings, report: @escaping (String) -> Void
    ) throws -> [String] {
        let certificate = try read(path)
        let request = certificate.plan.request
        var tuneDocuments: [ScoredDocument]?
        var certifyDocuments: [ScoredDocument]?
        if let model = try model.map(ModelInput.read) {
            guard model.hash == request.provenance.model else {
                throw Failure(.badData, "\(path) certifies another model: sha256 \(request.provenance.model ?? "none").")
            }
            let targets = try request.targets.map { target in
                guard let known = Target(rawValue: target.name) else {
                    throw Failure(.badData, "\(path) has a target that files cannot be counted for: \(target.name).")
                }
                return known
            }
            let files = ScoredFiles(model, targets: targets, lineBytesMax: settings.lineBytesMax, strict: false, report: report)
            tuneDocuments = try documents(tune, "tune", digest: request.provenance.tune, files)
            certifyDocuments = try documents(certify, "certify", digest: request.provenance.certify, files)
        } else if !tune.isEmpty || !certify.isEmpty {
            throw Failure(.usage, "files are scored by the model: give --model too.")
        }
        let found = certificate.verify(tune: tuneDocuments, certify: certifyDocuments)
        guard found.isSound else {
            throw Failure(.badData, "\(path) is not what its own numbers give:\n" + CertificateText.lines(found).joined(separator: "\n"))
        }
        return ["\(path) is sound"] + CertificateText.lines(found)
    }

    /// Nil for no files.
    private static func documents(_ paths: [String], _ part: String, digest: String?, _ files: ScoredFiles) throws -> [ScoredDocument]? {
        if paths.isEmpty { return nil }
        let cases = try files.cases(paths)
        guard Model.Part(cases).digest == digest else {
            throw Failure(.badData, "the \(part) files are not those of the certificate, whose cases have the digest \(digest ?? "none").")
        }
        return files.scored(cases)
    }

    private static func reason(_ error: CertificateFile.ReadError) -> String {
        switch error {
        case .malformed(let path, let reason): path.isEmpty ? "is no certificate: \(reason)" : "is no certificate: \(path) \(reason)"
        case .format(let format) where format < Plan.formatCurrent:
            "is of format \(format), of an older version of sluice, whose start and tests are no longer used. Certify again, or verify it with that version."
        case .format(let format): "is of format \(format), of a newer version of sluice; this one reads \(Plan.formatCurrent)."
        case .inconsistent: "is damaged: its parts do not fit each other."
        }
    }
}
