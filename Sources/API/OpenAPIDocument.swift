import CAssets
import HTTPWire
import Synchronization

/// The API's description, embedded as YAML and turned into JSON when first asked for.
final class OpenAPIDocument: Sendable {
    struct Rendered: Sendable {
        let json: [UInt8]
        /// Made from the bytes: another program, another tag.
        let tag: String
    }

    private let rendered = Mutex<Rendered?>(nil)

    func json() throws(Problem) -> Rendered {
        if let known = rendered.withLock({ $0 }) { return known }
        let made: Rendered
        do {
            let json = try YAMLConverter.json(OpenAPIDocument.text())
            made = Rendered(json: json, tag: String(decoding: Hexadecimal.text(Digest.sha256(json).prefix(8)), as: UTF8.self))
        } catch {
            throw Problem(.internalError, "The description can't be read.", note: "openapi.yaml: \(error)")
        }
        rendered.withLock { $0 = made }
        return made
    }

    // Safe: assets are static memory of the length they say.
    private static func text() -> String {
        guard let asset = unsafe sluice_asset(SluiceAssetOpenAPI, 0) else { return "" }
        return unsafe String(decoding: UnsafeBufferPointer(start: asset.pointee.bytes, count: asset.pointee.count), as: UTF8.self)
    }
}

extension Application {
    func showOpenAPI(_ request: ColdRequest) throws(Problem) -> Response {
        let document = try openAPI.json()
        return try .conditional(request.head, .shared(tag: document.tag), isNegotiated: true) { () throws(Problem) in document.json }
    }
}
