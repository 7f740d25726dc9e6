// swift-tools-version: 6.2

import PackageDescription

/// As in the package above: the same sources are to be compiled the same way.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// Microbenchmarks. A package of its own, so that the service does not depend on the harness; `Sources` are links to the service's,
/// for `package` declarations are seen only within one package.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        .target(name: "Routing", swiftSettings: strict),
        .target(name: "HTTPWire", swiftSettings: strict),
        .target(name: "JSON", dependencies: ["CSimdJSON"], swiftSettings: strict),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),
        .target(
            name: "Learning", dependencies: ["Routing", "JSON", "Validation", "CXGBoost", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(name: "Validation", dependencies: ["CPCRE2"], swiftSettings: strict),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CXGBoost", pkgConfig: "xgboost", providers: [.apt(["libxgboost-dev"])]),
        .executableTarget(
            name: "Models",
            dependencies: ["Learning", "Routing", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/Models",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
        .executableTarget(
            name: "HotPath",
            dependencies: ["HTTPWire", "JSON", "Routing", "Validation", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/HotPath",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
