import API
import CAssets
package import Ledger
package import Routing

/// The policies that an empty database begins with: those of a directory, or those built into the program.
package struct StartingPolicies: Sendable {
    package struct Source: Sendable, Equatable {
        /// What messages call it: a path, or the built-in file's name.
        package var name: String
        package var text: [UInt8]
        package init(name: String, text: [UInt8]) {
            self.name = name
            self.text = text
        }
    }

    /// Of the changes that it makes in the audit trail.
    package static let author = "sluice"
    /// A policy of thousands of rules has some hundred kilobytes.
    package static let fileBytesMax = 16 << 20

    package let sources: [Source]

    /// - Parameter directory: nil for the built-in ones.
    package init(directory: String?) throws(Failure) {
        sources = if let directory { try StartingPolicies.files(in: directory) } else { StartingPolicies.builtIn }
    }

    /// Each policy, read and checked; a mistake in one names its file.
    package func read() throws(Failure) -> [Policy] {
        var policies: [Policy] = []
        for source in sources {
            let policy = try PolicyText.read(source.text, name: source.name)
            if policies.contains(where: { $0.documentType == policy.documentType }) {
                throw Failure(.badData, "\(source.name): there is another policy for \(policy.documentType) beside it. Keep one.")
            }
            policies.append(policy)
        }
        return policies
    }

    /// Puts them into a database that has none, all at once; returns how many, 0 when it has any.
    package func load(into ledger: Ledger, at now: Instant) throws -> Int {
        guard try ledger.policies().isEmpty else { return 0 }
        let policies = try read()
        // Another command may have put one meanwhile: then the database is the truth.
        let arePut = try ledger.putFirstPolicies(
            policies.map { ($0.documentType.string, PolicyCodec.write($0)) }, action: PolicyCommands.putAction,
            by: StartingPolicies.author, at: now, reason: "starting policy")
        return arePut ? policies.count : 0
    }

    /// Compiled, for deciding without a database.
    package func compiled() throws(Failure) -> PolicySet {
        PolicySet(try read().map { CompiledPolicy($0, version: PolicyVersion(1)) })
    }

    /// Those embedded when the program was built.
    private static var builtIn: [Source] {
        var sources: [Source] = []
        // Safe: assets are static memory, and `count` bytes stand behind `bytes`.
        while let asset = unsafe sluice_asset(SluiceAssetPolicy, sources.count)?.pointee {
            sources.append(
                Source(
                    name: unsafe String(cString: asset.name),
                    text: unsafe Array(UnsafeBufferPointer(start: asset.bytes, count: asset.count))))
        }
        return sources
    }

    private static func files(in directory: String) throws(Failure) -> [Source] {
        let names: [String]
        do {
            names = try System.names(in: directory)
        } catch {
            throw Failure(.noInput, "the policies' directory \(directory) cannot be read: \(error). Check the path.")
        }
        let suffixes = [".yaml", ".yml", ".json"]
        var sources: [Source] = []
        for name in names.sorted() where suffixes.contains(where: name.hasSuffix) {
            let path = directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
            do {
                sources.append(Source(name: path, text: try InputFile.bytes(of: path, bytesMax: fileBytesMax)))
            } catch {
                throw Failure(error)
            }
        }
        if sources.isEmpty {
            throw Failure(.noInput, "there are no policies in \(directory). Put *.yaml or *.json files there, or name another directory.")
        }
        return sources
    }
}

/// Policies as people keep them in files: JSON or YAML.
package enum PolicyText {
    /// Reads a policy's file, `-` for standard input.
    package static func read(path: String) throws -> Policy { try readWithReason(path: path).policy }

    /// With why it is what it is, where the file says so (`changeReason`, in JSON).
    package static func readWithReason(path: String) throws -> (policy: Policy, changeReason: String?) {
        let bytes = try InputFile.bytes(of: path, bytesMax: StartingPolicies.fileBytesMax)
        let policy = try read(bytes, name: path == InputFile.standardInputName ? "standard input" : path)
        return (policy, PolicyCodec.changeReason(json: bytes))
    }

    /// Reads one policy. JSON is told by its first character, `{`; everything else is YAML.
    package static func read(_ text: [UInt8], name: String) throws(Failure) -> Policy {
        let isJSON = text.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
        do {
            if isJSON { return try PolicyCodec.read(json: text) }
        } catch {
            throw refusal(error, name: name)
        }
        guard let string = String(validating: text, as: UTF8.self) else { throw Failure(.badData, "\(name) is not UTF-8 text.") }
        do {
            return try PolicyCodec.read(yaml: string)
        } catch {
            throw refusal(error, name: name)
        }
    }

    private static func refusal(_ faults: Faults, name: String) -> Failure {
        let lines = Failure.text(of: faults).split(separator: "\n").map { "  \($0)" }
        return Failure(.badData, (["\(name) is not a policy:"] + lines).joined(separator: "\n"))
    }
}
