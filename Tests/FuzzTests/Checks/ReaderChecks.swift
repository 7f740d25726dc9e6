import JSON
import Ledger
import Routing

@testable import API

/// Results from any bytes: read again by the same reader, or with blanks before them, they are the same, or at fault in the same way;
/// what is accepted reads the same once it is written anew.
enum ResultCheck {
    private struct Outcome: Equatable {
        var result: EngineResult?
        var review: ImportedReview?
        var faults: Faults?
    }

    static func run(_ bytes: [UInt8]) throws(Finding) {
        let reader = ResultReader()
        let parser = JSONParser()
        for withReview in [false, true] {
            try ReaderCheck.run(bytes, parser) { root in
                do throws(Faults) {
                    let (result, review) = try reader.read(root, withReview: withReview)
                    return Outcome(result: result, review: review)
                } catch {
                    return Outcome(faults: error)
                }
            } faults: {
                $0.faults
            }
        }
    }
}

/// The same for policies.
enum PolicyCheck {
    private struct Outcome: Equatable {
        var policy: Policy?
        var faults: Faults?
    }

    static func run(_ bytes: [UInt8]) throws(Finding) {
        try ReaderCheck.run(bytes, JSONParser()) { root in
            do throws(Faults) {
                return Outcome(policy: try PolicyReader.read(root))
            } catch {
                return Outcome(faults: error)
            }
        } faults: {
            $0.faults
        }
    }
}

/// What holds of all readers of JSON.
private enum ReaderCheck {
    enum Parsed<Outcome: Equatable>: Equatable {
        case read(Outcome, rewritten: [UInt8])
        case refused(JSONSyntaxError)
    }

    static func run<Outcome: Equatable>(
        _ bytes: [UInt8], _ parser: JSONParser, read: (JSONValue) -> Outcome, faults: (Outcome) -> Faults?
    ) throws(Finding) {
        let first = parse(bytes, parser, read)
        if parse(bytes, parser, read) != first { throw Finding("it reads differently when it is read again") }
        // A byte order mark is one at the start alone, and other encodings are told by their first bytes.
        let behindBlanks = TextEncoding(of: bytes) == .utf8 ? parse([0x20, 0x0A, 0x09] + bytes, parser, read) : first
        switch first {
        case .refused(let error):
            if let offset = error.offset, !(0...bytes.count ~= offset) { throw Finding("a fault at byte \(offset) of \(bytes.count)") }
            guard case .refused(let other) = behindBlanks, other.problem == error.problem else {
                throw Finding("refused with \(error.problem), and behind blanks \(behindBlanks)")
            }
        case .read(let outcome, let rewritten):
            guard behindBlanks == first else { throw Finding("it reads differently behind blanks") }
            guard case .read(outcome, rewritten) = parse(rewritten, parser, read) else {
                throw Finding("it reads differently once it is written anew")
            }
            guard let faults = faults(outcome) else { return }
            guard 1...Faults.countMax ~= faults.faults.count else { throw Finding("\(faults.faults.count) faults") }
            for fault in faults.faults {
                // As bytes: a name may begin with a mark that combines with the slash to one character.
                guard case .pointer(let text) = fault.place, text.isEmpty || text.utf8.first == UInt8(ascii: "/") else {
                    throw Finding("a fault at \(fault.place)")
                }
            }
        }
    }

    private static func parse<Outcome: Equatable>(
        _ bytes: [UInt8], _ parser: JSONParser, _ read: (JSONValue) -> Outcome
    ) -> Parsed<Outcome> {
        let parsed: Result<Parsed<Outcome>, any Error> = Result {
            try parser.parse(bytes) { root in
                var writer = JSONWriter()
                writer.value(root)
                return .read(read(root), rewritten: writer.bytes)
            }
        }
        switch parsed {
        case .success(let parsed): return parsed
        case .failure(let error as JSONSyntaxError): return .refused(error)
        case .failure(let error): preconditionFailure("an error that the parser does not have: \(error)")
        }
    }
}
