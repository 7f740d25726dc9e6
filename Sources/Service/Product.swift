/// What this program calls itself.
package enum Product {
    package static let name = "sluice"
    /// Semantic version; the one place where it stands.
    package static let version = "0.1.0"
}
