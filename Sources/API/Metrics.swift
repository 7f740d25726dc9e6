import HTTPWire
import Ledger
import Routing
import Synchronization

/// What one loop counts.
final class LoopMetrics: Sendable {
    private let counters = Counters(count: LoopMetrics.cellCount)

    func request(_ endpoint: Endpoint, _ method: Method, status: UInt16, nanoseconds: UInt64) {
        counters.add(1, at: LoopMetrics.requestCell(endpoint, method, StatusTable.index(status)))
        LoopMetrics.duration(of: endpoint).observe(nanoseconds, in: counters)
    }

    /// `slot` is the document type's, from `DocumentTypeLabels`.
    func decision(slot: Int, route: Route) {
        counters.add(1, at: LoopMetrics.decisionsBase + slot * Route.allCases.count + Int(route.rawValue))
    }

    func requests(_ endpoint: Endpoint, _ method: Method, statusIndex: Int) -> UInt64 {
        counters[LoopMetrics.requestCell(endpoint, method, statusIndex)]
    }

    func decisions(slot: Int, route: Route) -> UInt64 {
        counters[LoopMetrics.decisionsBase + slot * Route.allCases.count + Int(route.rawValue)]
    }

    /// The cells of an endpoint's durations: one for each bound and one beyond, then the sum of nanoseconds.
    func durations(of endpoint: Endpoint) -> [UInt64] {
        let layout = LoopMetrics.duration(of: endpoint)
        return (0..<layout.cellCount).map { counters[layout.base + $0] }
    }

    /// In nanoseconds: 0.5 ms to 10 s.
    static let durationBounds: [UInt64] = [
        500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000,
        2_500_000_000, 10_000_000_000,
    ]

    private static let methodCount = Int(Method.trace.rawValue) + 1
    private static let durationsBase = Endpoint.allCases.count * methodCount * StatusTable.count
    private static let durationLayouts = Endpoint.allCases.map { endpoint in
        HistogramLayout(bounds: durationBounds, base: durationsBase + endpoint.rawValue * (durationBounds.count + 2))
    }
    private static let decisionsBase = durationsBase + Endpoint.allCases.count * (durationBounds.count + 2)
    private static let cellCount = decisionsBase + (DocumentTypeLabels.countMax + 1) * Route.allCases.count

    private static func requestCell(_ endpoint: Endpoint, _ method: Method, _ status: Int) -> Int {
        (endpoint.rawValue * methodCount + Int(method.rawValue)) * StatusTable.count + status
    }

    private static func duration(of endpoint: Endpoint) -> HistogramLayout { durationLayouts[endpoint.rawValue] }
}

/// The statuses that are counted apart; the last index stands for any other.
enum StatusTable {
    static let known: [UInt16] = [
        200, 201, 204, 304, 400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 428, 429, 500, 503,
    ]
    static let count = known.count + 1

    static func index(_ status: UInt16) -> Int { known.firstIndex(of: status) ?? known.count }
    static func label(_ index: Int) -> String { index < known.count ? "\(known[index])" : "other" }
}

/// Numbers for the document types that are counted apart: the first 64 that have policies, and the first 16 others that come; all that are
/// left share one, so that no caller can grow the metrics without end, nor take the places of those that matter. Thread-safe.
final class DocumentTypeLabels: Sendable {
    static let policiesMax = 64
    static let othersMax = 16
    static let countMax = policiesMax + othersMax
    static let other = countMax

    private struct State {
        var names: [[UInt8]] = []
        var othersCount = 0
    }

    private let state = Mutex(State())

    /// Gives types their places when they get a policy. One that has a place keeps it.
    func reserve(_ documentTypes: some Sequence<[UInt8]>) {
        state.withLock { state in
            for documentType in documentTypes
            where state.names.count - state.othersCount < DocumentTypeLabels.policiesMax && !state.names.contains(documentType) {
                state.names.append(documentType)
            }
        }
    }

    func slot(of documentType: [UInt8]) -> Int {
        state.withLock { state in
            if let known = state.names.firstIndex(of: documentType) { return known }
            guard state.othersCount < DocumentTypeLabels.othersMax else { return DocumentTypeLabels.other }
            state.othersCount += 1
            state.names.append(documentType)
            return state.names.count - 1
        }
    }

    var all: [String] { state.withLock { state in state.names.map { String(decoding: $0, as: UTF8.self) } } }
}

/// One loop's memory of the labels, so that it asks for each type once. Types that got no label of their own are not remembered one by one.
struct DocumentTypeSlots {
    private let labels: DocumentTypeLabels
    private var slots: [(documentType: [UInt8], slot: Int)] = []
    private var isFull = false
    /// Where the last one was found: types come in runs.
    private var last = 0

    init(_ labels: DocumentTypeLabels) { self.labels = labels }

    mutating func slot(of documentType: ArraySlice<UInt8>) -> Int {
        if last < slots.count, documentType.elementsEqual(slots[last].documentType) { return slots[last].slot }
        if let index = slots.firstIndex(where: { documentType.elementsEqual($0.documentType) }) {
            last = index
            return slots[index].slot
        }
        if isFull { return DocumentTypeLabels.other }
        let name = Array(documentType)
        let slot = labels.slot(of: name)
        if slot == DocumentTypeLabels.other {
            // All places are taken until a policy makes one.
            slots = labels.all.enumerated().map { (Array($1.utf8), $0) }
            isFull = true
        } else {
            slots.append((name, slot))
        }
        return slot
    }

    /// Policies have changed: there may be another label.
    mutating func policiesChanged() { isFull = false }
}

/// The commits of the log's writer, counted on its queue.
final class CommitMetrics: Sendable {
    static let sizes = HistogramLayout(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024], base: 0)
    /// In nanoseconds.
    static let durations = HistogramLayout(
        bounds: [
            100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000, 100_000_000, 1_000_000_000,
        ], base: sizes.cellCount)

    private let counters = Counters(count: sizes.cellCount + durations.cellCount)

    func committed(entries: Int, nanoseconds: UInt64) {
        CommitMetrics.sizes.observe(UInt64(entries), in: counters)
        CommitMetrics.durations.observe(nanoseconds, in: counters)
    }

    func cells(of layout: HistogramLayout) -> [UInt64] { (0..<layout.cellCount).map { counters[layout.base + $0] } }
}
