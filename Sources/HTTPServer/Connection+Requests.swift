import HTTPWire

/// Requests as the machine gives them, and their bodies.
extension Connection {
    func begin(_ request: Request, inputCount: Int) {
        let number = machine.lastRequest
        guard let handler = loop.handler else { return cut() }
        switch handler.plan(for: request.head, peer: peer) {
        case .buffer(let bytesMax):
            if case .length(let length) = request.framing, length > inputCount, !loop.shared.bodyBudget.hasRoom(for: min(length, bytesMax))
            {
                exchanges.append(nil)
                return refuse(length > bytesMax ? .bodyTooLarge(bytesMax: bytesMax) : .overloaded)
            }
            if case .length(let length) = request.framing { bodyBytesMax = length } else { bodyBytesMax = bytesMax }
            receive(request, number, .buffer(bytesMax: bytesMax), hasInput: inputCount > 0)
        case .stream:
            receive(request, number, .stream, hasInput: inputCount > 0)
        case .refuse(let response):
            exchanges.append(nil)
            _ = machine.plan(.ignore, hasInput: inputCount > 0, now: loop.now)
            respond(number, response)
        }
    }

    private func receive(_ request: Request, _ number: UInt32, _ plan: ConnectionMachine.Plan, hasInput: Bool) {
        let exchange = Exchange(head: request.head, connection: self, number: number, startedAt: loop.now)
        exchanges.append(exchange)
        receiving = exchange
        if case .stream = plan { isStreamingBody = true } else { isStreamingBody = false }
        if let fault = machine.plan(plan, hasInput: hasInput, now: loop.now) { refuse(fault) }
    }

    func take(_ range: Range<Int>, isLast: Bool) {
        guard let exchange = receiving, let handler = loop.handler else { return }
        let bytes = unsafe loop.input.bytes(range)
        if isStreamingBody {
            exchange.isShown = true
            if !bytes.isEmpty { unsafe handler.received(exchange, bytes: bytes) }
            if isLast, receiving === exchange {
                receiving = nil
                handler.ended(exchange)
            }
            return
        }
        if isLast, body == nil {
            receiving = nil
            exchange.isShown = true
            return unsafe handler.handle(exchange, body: bytes)
        }
        let collected = body ?? BodyBuffer(budget: loop.shared.bodyBudget, countMax: bodyBytesMax)
        body = collected
        guard unsafe collected.append(bytes) else { return refuse(.overloaded) }
        guard isLast else { return }
        receiving = nil
        body = nil
        exchange.isShown = true
        unsafe handler.handle(exchange, body: collected.bytes)
    }

    /// The server's own answer to what no handler will see.
    func refuse(_ fault: WireFault) {
        var response = fault.response
        loop.shared.countRefusal(status: response.status)
        loop.handler?.refusing(&response, peer: peer)
        body = nil
        let refused = receiving
        receiving = nil
        guard let answered = machine.refuse(response, date: loop.date, now: loop.now) else { return breakOff() }
        if let refused { abort(refused) }
        drop(answered.finished)
        if !isCorked { send() }
    }

    func abort(_ exchange: Exchange) {
        guard exchange.connection != nil else { return }
        exchange.connection = nil
        if exchange.isShown, !exchange.isAnswered { loop.handler?.aborted(exchange) }
        exchange.context = nil
    }

    /// The oldest exchanges are finished.
    func drop(_ count: Int) {
        for exchange in exchanges.prefix(count) {
            exchange?.connection = nil
            exchange?.context = nil
            if receiving === exchange { receiving = nil }
        }
        if machine.isClosing {
            exchanges.removeAll()
        } else {
            exchanges.removeFirst(count)
        }
        if count > 0, exchanges.first??.isStreaming == true { owesDrained = true }
    }

    func setReading(_ reading: Exchange.Reading, by exchange: Exchange) {
        guard receiving === exchange else { return }
        machine.setReading(reading, now: loop.now)
        if reading == .goesOn, !isCorked { becomeReady() }
    }
}
