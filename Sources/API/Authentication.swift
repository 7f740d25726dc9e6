import HTTPServer
import HTTPWire
import Routing

/// Who a request comes from, by the contract's "Conventions".
struct Authentication: Sendable {
    /// What callers without a token may do, where they may be without.
    let anonymous: Caller
    private let now: @Sendable () -> Instant
    /// Told once a day of each secret that is used; must not wait.
    private let noteUse: @Sendable (_ secret: Int64, _ day: CivilDate) -> Void

    init(
        anonymousRoles: Roles, now: @escaping @Sendable () -> Instant,
        noteUse: @escaping @Sendable (_ secret: Int64, _ day: CivilDate) -> Void
    ) {
        anonymous = Caller(id: 0, name: "anonymous", roles: anonymousRoles)
        self.now = now
        self.noteUse = noteUse
    }

    /// A token given is a token judged: a bad one never makes an anonymous caller.
    func caller(_ fields: HeadFields, of head: RequestHead, peer: Peer, tokens: TokenTable) throws(Problem) -> Caller {
        guard let authorization = fields.authorization else {
            if anonymous.roles.isEmpty || !isLocalUser(fields, of: head, peer: peer) {
                throw Authentication.problem(
                    "A bearer token is needed, as `Authorization: Bearer TOKEN`; `sluice token create` makes one.", error: nil)
            }
            return anonymous
        }
        guard fields.authorizationCount == 1 else {
            throw Authentication.problem("There is more than one Authorization field.", error: "invalid_request")
        }
        let value = head.bytes[authorization]
        guard let token = Authentication.token(value) else {
            // Who tries another scheme is told of this one, and of no error (RFC 6750 §3.1).
            let isBearer = ASCII.equals(value.prefix { $0 != UInt8(ascii: " ") }, "bearer")
            throw Authentication.problem("The Authorization field is not a bearer token.", error: isBearer ? "invalid_token" : nil)
        }
        guard let caller = tokens.caller(digest: Digest.sha256(Array(token))) else {
            throw Authentication.problem("The token is not known, or it was revoked.", error: "invalid_token")
        }
        if let secret = caller.secret {
            let now = now()
            if secret.isExpired(at: now) {
                throw Authentication.problem(
                    "The token has expired; `sluice token rotate` makes its name a new one.", error: "invalid_token")
            }
            if secret.isFirstUse(on: now.date) { noteUse(secret.id, now.date) }
        }
        return caller
    }

    /// `needed` are the roles of which one is enough; admins need none of them.
    static func check(_ caller: Caller, needs needed: Roles) throws(Problem) {
        if !caller.roles.isDisjoint(with: needed.union(.admin)) { return }
        let names = needed.union(.admin).names
        if caller.id == 0 { throw problem("A bearer token of the role \(names) is needed for this.", error: nil) }
        throw Problem(.forbidden, "This needs a token of the role \(names); this one has the role \(caller.roles.names).")
            .appending("WWW-Authenticate", #"Bearer realm="sluice", error="insufficient_scope""#)
    }

    static func problem(_ detail: String, error: String?) -> Problem {
        let challenge = error.map { #"Bearer realm="sluice", error="\#($0)""# } ?? #"Bearer realm="sluice""#
        return Problem(.unauthenticated, detail).appending("WWW-Authenticate", challenge)
    }

    /// `Bearer` 1*SP token68 (RFC 6750 §2.1, RFC 9110 §11.4).
    private static func token(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard value.count > 7, ASCII.equals(value.prefix(6), "bearer"), value[value.startIndex + 6] == UInt8(ascii: " ") else { return nil }
        let token = value.dropFirst(7).drop { $0 == UInt8(ascii: " ") }
        let body = token.reversed().drop { $0 == UInt8(ascii: "=") }
        let isToken =
            !body.isEmpty
            && body.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"): true
                default: false
                }
            }
        return isToken ? token : nil
    }

    /// A user of this machine, and not a proxy on it that can be told from one, or a page that made a name point here. Proxies speak
    /// HTTP/1.0 unless told otherwise; the clients that people use do not.
    private func isLocalUser(_ fields: HeadFields, of head: RequestHead, peer: Peer) -> Bool {
        if case .tcp(isLoopback: false, _) = peer { return false }
        guard head.version == .http11, !fields.isForwarded, let host = fields.host else { return false }
        let name = head.bytes[host]
        guard LoopbackHost.isOne(name) else { return false }
        guard let origin = fields.origin else { return true }
        return fields.originCount == 1 && Authentication.isOwn(head.bytes[origin], host: name)
    }

    /// Whether an origin (RFC 6454 §7) is this very server under the name it was called by.
    private static func isOwn(_ origin: ArraySlice<UInt8>, host: ArraySlice<UInt8>) -> Bool {
        for scheme in ["http://", "https://"] where origin.count == scheme.utf8.count + host.count {
            let own = Array(scheme.utf8) + host
            if zip(own, origin).allSatisfy({ ASCII.lowercased($0) == ASCII.lowercased($1) }) { return true }
        }
        return false
    }
}

/// `localhost`, 127.0.0.0/8 or `[::1]`, with or without a port.
enum LoopbackHost {
    static func isOne(_ host: ArraySlice<UInt8>) -> Bool {
        if host.first == UInt8(ascii: "[") {
            guard let end = host.firstIndex(of: UInt8(ascii: "]")) else { return false }
            return host[...end].elementsEqual("[::1]".utf8) && isPort(host[(end + 1)...])
        }
        let end = host.firstIndex(of: UInt8(ascii: ":")) ?? host.endIndex
        let name = host[..<end]
        return isPort(host[end...]) && (ASCII.isSame(name, "127.0.0.1") || ASCII.equals(name, "localhost") || isLoopbackAddress(name))
    }

    private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
        text.isEmpty || (text.first == UInt8(ascii: ":") && text.dropFirst().allSatisfy { 0x30...0x39 ~= $0 })
    }

    /// Four decimal numbers below 256 without leading zeros, of which the first is 127.
    private static func isLoopbackAddress(_ text: ArraySlice<UInt8>) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].elementsEqual("127".utf8) else { return false }
        return parts.allSatisfy { part in
            guard 1...3 ~= part.count, part.allSatisfy({ 0x30...0x39 ~= $0 }), part.count == 1 || part.first != 0x30 else { return false }
            return part.reduce(0) { $0 * 10 + Int($1 - 0x30) } < 256
        }
    }
}
