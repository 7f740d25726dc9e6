import HTTPServer
import HTTPWire
import Ledger
import Routing

/// The Prometheus text format, version 0.0.4.
struct PrometheusText {
    private(set) var bytes: [UInt8] = []

    static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String { case counter, gauge, histogram }

    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        line("# HELP \(name) \(help)")
        line("# TYPE \(name) \(kind.rawValue)")
    }

    mutating func sample(_ name: String, _ value: some CustomStringConvertible) { sample(name, [], value) }

    mutating func sample(_ name: String, _ labels: [(String, String)], _ value: some CustomStringConvertible) {
        line("\(name)\(PrometheusText.text(labels)) \(value)")
    }

    /// - Parameters:
    ///   - cells: as `HistogramLayout` has them.
    ///   - scale: what the bounds and the sum are divided by.
    mutating func histogram(_ name: String, _ labels: [(String, String)] = [], bounds: [UInt64], cells: [UInt64], scale: Double) {
        var total: UInt64 = 0
        for (bound, count) in zip(bounds, cells) {
            total += count
            sample(name + "_bucket", labels + [("le", "\(Double(bound) / scale)")], total)
        }
        total += cells[bounds.count]
        sample(name + "_bucket", labels + [("le", "+Inf")], total)
        sample(name + "_sum", labels, Double(cells[bounds.count + 1]) / scale)
        sample(name + "_count", labels, total)
    }

    private mutating func line(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Values come from closed sets, versions and document types; quotes, backslashes and newlines are escaped all the same.
    private static func text(_ labels: [(String, String)]) -> String {
        if labels.isEmpty { return "" }
        let pairs = labels.map { name, value in
            var escaped = ""
            for character in value.unicodeScalars {
                switch character {
                case "\\": escaped += "\\\\"
                case "\"": escaped += "\\\""
                case "\n": escaped += "\\n"
                default: escaped.unicodeScalars.append(character)
                }
            }
            return "\(name)=\"\(escaped)\""
        }
        return "{" + pairs.joined(separator: ",") + "}"
    }
}

extension PrometheusText {
    /// Everything that is counted, at this moment.
    static func render(
        loops: [LoopMetrics], labels: DocumentTypeLabels, commits: CommitMetrics, ledger: Ledger, server: Server.Counters?,
        spilledBytes: Int, policyCount: Int, version: String
    ) -> [UInt8] {
        var text = PrometheusText()
        text.family("sluice_build_info", .gauge, "The running version.")
        text.sample("sluice_build_info", [("version", version)], 1)
        text.requests(loops)
        text.decisions(loops, labels)
        text.log(commits, ledger)
        text.family("sluice_policies", .gauge, "Policies in force.")
        text.sample("sluice_policies", policyCount)
        text.family("sluice_spilled_bytes", .gauge, "Disk space taken by answers of streams that their clients do not read yet.")
        text.sample("sluice_spilled_bytes", spilledBytes)
        if let server { text.connections(server) }
        text.process()
        return text.bytes
    }

    private mutating func requests(_ loops: [LoopMetrics]) {
        family("sluice_http_requests_total", .counter, "Requests answered, by endpoint template, method and status.")
        for endpoint in Endpoint.allCases {
            for method in Method.counted {
                for status in 0..<StatusTable.count {
                    let count = loops.reduce(0) { $0 + $1.requests(endpoint, method, statusIndex: status) }
                    if count == 0 { continue }
                    let labels = [("endpoint", "\(endpoint.template)"), ("method", method.token), ("status", StatusTable.label(status))]
                    sample("sluice_http_requests_total", labels, count)
                }
            }
        }
        family("sluice_http_request_duration_seconds", .histogram, "From the end of a request's head to its answer.")
        for endpoint in Endpoint.allCases {
            var cells = [UInt64](repeating: 0, count: LoopMetrics.durationBounds.count + 2)
            for loop in loops {
                for (index, value) in loop.durations(of: endpoint).enumerated() { cells[index] &+= value }
            }
            if cells.allSatisfy({ $0 == 0 }) { continue }
            histogram(
                "sluice_http_request_duration_seconds", [("endpoint", "\(endpoint.template)")], bounds: LoopMetrics.durationBounds,
                cells: cells, scale: 1e9)
        }
    }

    private mutating func decisions(_ loops: [LoopMetrics], _ labels: DocumentTypeLabels) {
        family(
            "sluice_decisions_total", .counter, "Decisions logged, by document type (64 with policies, 16 others, then other) and route.")
        let names = labels.all
        for slot in Array(names.indices) + [DocumentTypeLabels.other] {
            for route in Route.allCases {
                let count = loops.reduce(0) { $0 + $1.decisions(slot: slot, route: route) }
                if count == 0 { continue }
                let name = slot < names.count ? names[slot] : "other"
                sample("sluice_decisions_total", [("document_type", name), ("route", route.name)], count)
            }
        }
    }

    private mutating func log(_ commits: CommitMetrics, _ ledger: Ledger) {
        let sizes = CommitMetrics.sizes
        family("sluice_log_commit_entries", .histogram, "Decisions in one commit of the log.")
        histogram("sluice_log_commit_entries", bounds: sizes.bounds, cells: commits.cells(of: sizes), scale: 1)
        let durations = CommitMetrics.durations
        family("sluice_log_commit_duration_seconds", .histogram, "Time of one commit of the log.")
        histogram("sluice_log_commit_duration_seconds", bounds: durations.bounds, cells: commits.cells(of: durations), scale: 1e9)
        let health = ledger.health
        family("sluice_log_queue_entries", .gauge, "Decisions that wait for the log's writer.")
        sample("sluice_log_queue_entries", health.queuedEntries)
        family("sluice_log_writable", .gauge, "1 while the log takes writes, else 0.")
        sample("sluice_log_writable", health.writeFailure == nil ? 1 : 0)
        let sizesOfFiles = ledger.fileSizes()
        family("sluice_database_bytes", .gauge, "Size of the database and its write-ahead log.")
        sample("sluice_database_bytes", [("file", "database")], sizesOfFiles.database)
        sample("sluice_database_bytes", [("file", "wal")], sizesOfFiles.wal)
    }

    private mutating func connections(_ server: Server.Counters) {
        family("sluice_connections", .gauge, "Open connections.")
        sample("sluice_connections", server.connectionsOpen)
        family("sluice_connections_accepted_total", .counter, "Connections accepted.")
        sample("sluice_connections_accepted_total", server.connectionsAccepted)
        family("sluice_http_refused_total", .counter, "Requests refused before they reached an endpoint, by status.")
        for (status, count) in server.refused.sorted(by: { $0.key < $1.key }) {
            sample("sluice_http_refused_total", [("status", "\(status)")], count)
        }
    }

    private mutating func process() {
        family("process_cpu_seconds_total", .counter, "User and system CPU time.")
        sample("process_cpu_seconds_total", ProcessFigures.cpuSeconds())
        if let bytes = ProcessFigures.residentBytes() {
            family("process_resident_memory_bytes", .gauge, "Resident memory.")
            sample("process_resident_memory_bytes", bytes)
        }
        if let count = ProcessFigures.openDescriptors() {
            family("process_open_fds", .gauge, "Open file descriptors.")
            sample("process_open_fds", count)
        }
    }
}

extension Method {
    static let counted: [Method] = [.get, .head, .post, .put, .delete, .options, .patch, .connect, .trace]

    /// As requests write it (RFC 9110 §9.1).
    var token: String { "\(literal)" }

    var literal: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .patch: "PATCH"
        case .connect: "CONNECT"
        case .trace: "TRACE"
        }
    }
}
