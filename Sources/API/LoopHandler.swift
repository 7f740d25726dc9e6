import HTTPServer
import HTTPWire
import JSON
import Ledger
import Routing

/// The application on one event loop.
///
/// 1. Everything here happens on the loop's thread; other threads come back through `loop.execute`.
/// 2. Decisions of one turn go to the log together, and are answered together when their commit is durable.
/// 3. What may wait for a disk, or takes long, runs elsewhere.
///
/// Sendable by proof: mutable state is touched on the loop's thread only; what crosses threads is a reference to come back to.
final class LoopHandler: RequestHandler, @unchecked Sendable {
    /// Bodies and lines longer than this are decided off the loop.
    static let bodyBytesOnLoopMax = 256 << 10

    let application: Application
    let loop: EventLoop
    let metrics: LoopMetrics
    let maker: DecisionMaker
    private(set) var snapshot: Snapshot
    private var slots: DocumentTypeSlots
    private var accessLog: AccessLogBuffer
    /// The head judged last, and how: `plan` and `handle` mostly follow each other.
    private var lastJudged: (head: [UInt8], generation: Int, judged: Judged)?

    /// Decided in this turn, for the log.
    var gathered = DecisionBatch.Content()
    /// The same of streams: these wait when the log's queue is full.
    var gatheredLines = DecisionBatch.Content()
    var isRetryScheduled = false
    /// Refused because the log's queue was full, and not told so yet.
    var turnedAway: [(exchange: Exchange, scope: RequestScope)] = []

    init(application: Application, loop: EventLoop, metrics: LoopMetrics) {
        self.application = application
        self.loop = loop
        self.metrics = metrics
        maker = DecisionMaker(sampler: application.sampler)
        snapshot = application.snapshot
        slots = DocumentTypeSlots(application.labels)
        accessLog = AccessLogBuffer(format: application.settings.accessLog, sink: application.log)
    }

    func plan(for head: RequestHead, peer: Peer) -> BodyPlan {
        let start = SystemClock.monotonicNanoseconds()
        let judged = judge(head, peer)
        if let problem = judged.problem {
            var response = problem.response()
            response.addField("X-Request-Id", bytes: judged.scope.requestId)
            record(judged.scope, response, since: start, note: problem.note)
            return .refuse(response)
        }
        return judged.scope.media == .ndjson ? .stream : .buffer(bytesMax: application.settings.bodyBytesMax)
    }

    func handle(_ exchange: Exchange, body: UnsafeBufferPointer<UInt8>) {
        let judged = judge(exchange.head, exchange.peer)
        if let problem = judged.problem { return answer(exchange, judged.scope, problem) }
        let scope = judged.scope
        if scope.method == .options { return answer(exchange, scope, LoopHandler.options(scope.endpoint)) }
        switch scope.endpoint {
        case .decisions where scope.method == .post: unsafe decide(exchange, scope, body)
        case .health: answer(exchange, scope, application.health())
        case .readiness: answer(exchange, scope, application.readiness())
        case .version: answer(exchange, scope, application.versionAnswer())
        default: unsafe answerElsewhere(exchange, scope, Array(body))
        }
    }

    /// The server counts these itself.
    func refusing(_ response: inout Response, peer: Peer) {
        let scope = RequestScope(method: nil, requestId: RequestScope.requestId(maker.randomWord()))
        response.addField("X-Request-Id", bytes: scope.requestId)
        record(scope, response, since: .max)
    }

    func turnEnded() {
        submit()
        accessLog.flush()
    }

    func drained(_ exchange: Exchange) {
        if let stream = exchange.context as? ResultStream { advance(stream) }
    }

    func aborted(_ exchange: Exchange) {
        if let stream = exchange.context as? ResultStream { abandon(stream) }
    }

    // MARK: What is asked

    func judge(_ head: RequestHead, _ peer: Peer) -> Judged {
        refresh()
        if let last = lastJudged, last.generation == snapshot.generation, LoopHandler.isSame(last.head, head.bytes) { return last.judged }
        let judged = RequestScope.judge(
            head, peer: peer, tokens: snapshot.tokens, authentication: application.authentication,
            bodyBytesMax: application.settings.bodyBytesMax, word: maker.randomWord)
        lastJudged = (head.bytes, snapshot.generation, judged)
        return judged
    }

    /// Takes the policies and tokens that are in force now.
    func refresh() {
        let current = application.snapshot(newerThan: snapshot)
        if current === snapshot { return }
        snapshot = current
        slots.policiesChanged()
    }

    /// Whether two arrays are one: the same storage, which the judged one keeps from being used again.
    // Safe: addresses are compared, nothing is read.
    private static func isSame(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        unsafe a.withUnsafeBufferPointer { a in
            unsafe b.withUnsafeBufferPointer { unsafe a.baseAddress == $0.baseAddress && a.count == $0.count }
        }
    }

    private static func options(_ endpoint: Endpoint) -> Response {
        var response = Response.noContent()
        response.addField("Allow", endpoint.allowed)
        if endpoint == .decisions { response.addField("Accept-Post", MediaType.acceptedWithLines) }
        return response
    }

    private func answerElsewhere(_ exchange: Exchange, _ scope: RequestScope, _ body: [UInt8]) {
        let request = ColdRequest(scope: scope, head: exchange.head, body: body, snapshot: snapshot)
        let application = application
        let job: @Sendable () -> Void = { [self] in
            let (response, note) = application.answer(request)
            loop.execute { [self] in answer(exchange, scope, response, note: note) }
        }
        let isChange = scope.method == .put || scope.method == .delete
        let isTaken =
            isChange ? application.coldWork.run(on: application.changes, job) : application.coldWork.run(job)
        if !isTaken { answer(exchange, scope, Problem.busy) }
    }

    // MARK: What is answered

    func answer(_ exchange: Exchange, _ scope: RequestScope, _ problem: Problem) {
        answer(exchange, scope, problem.response(), note: problem.note)
    }

    func answer(
        _ exchange: Exchange, _ scope: RequestScope, _ response: Response, decision: (id: DecisionID, route: Route)? = nil,
        note: String? = nil
    ) {
        var response = response
        response.addField("X-Request-Id", bytes: scope.requestId)
        record(scope, response, since: exchange.startedAt, decision: decision, note: note)
        exchange.respond(response)
    }

    private func record(
        _ scope: RequestScope, _ response: Response, since start: UInt64, decision: (id: DecisionID, route: Route)? = nil,
        note: String? = nil
    ) {
        record(scope, status: response.status, bytes: response.body.count, since: start, decision: decision, note: note)
    }

    /// Counts and logs an answer.
    func record(
        _ scope: RequestScope, status: UInt16, bytes: Int, since start: UInt64, decision: (id: DecisionID, route: Route)? = nil,
        note: String? = nil
    ) {
        let now = SystemClock.monotonicNanoseconds()
        let nanoseconds = now > start ? now - start : 0
        if let method = scope.method { metrics.request(scope.endpoint, method, status: status, nanoseconds: nanoseconds) }
        let line = AccessLogLine(
            scope: scope, status: status, nanoseconds: nanoseconds, bytes: bytes, decision: decision, note: note)
        accessLog.add(line, at: application.now())
    }

    func count(_ entry: LogEntry) {
        metrics.decision(slot: slots.slot(of: entry.result.text[entry.result.documentType.indices]), route: entry.decision.route)
    }
}
