// swift-tools-version: 6.2

import PackageDescription

/// As in the package above, and open to `@testable`: the checks look at what is internal.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .unsafeFlags(["-enable-testing"]),
]

/// Fuzzers, by libFuzzer. A package of its own, for all of it is compiled with `--sanitize=fuzzer`; `Sources` are links to the service's
/// (of the API, the Ledger and Validation those files alone that read), and to the checks that the tests replay.
let package = Package(
    name: "fuzz",
    targets: [
        .target(name: "Routing", swiftSettings: strict),
        .target(name: "HTTPWire", swiftSettings: strict),
        .target(name: "JSON", dependencies: ["CSimdJSON"], swiftSettings: strict),
        .target(name: "Gzip", dependencies: ["CZlib"], swiftSettings: strict),
        .target(name: "Validation", dependencies: ["CPCRE2"], swiftSettings: strict),
        .target(name: "Ledger", dependencies: ["Routing"], swiftSettings: strict),
        .target(name: "API", dependencies: ["JSON", "Ledger", "Routing"], swiftSettings: strict),
        .target(
            name: "Checks", dependencies: ["HTTPWire", "JSON", "Gzip", "Validation", "Ledger", "API", "Routing"], swiftSettings: strict),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    ]
        + ["requests", "chunks", "results", "policies", "gzip", "patterns"].map {
            .executableTarget(name: "fuzz-\($0)", dependencies: ["Checks"], swiftSettings: strict)
        },
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
