// swift-tools-version: 6.2

import PackageDescription

/// The settings of every Swift target: the strictest the compiler offers, and no warning is let through.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    // Names, results and writers are generic or small and live in modules of their own; without this they are called, not inlined.
    .unsafeFlags(["-cross-module-optimization", "-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

/// Arrows point down only: a target uses those of lower levels and nothing above it (docs/architecture.md).
let package = Package(
    name: "sluice",
    products: [.executable(name: "sluice", targets: ["sluice"])],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Level 5: the commands.
        .executableTarget(
            name: "sluice",
            dependencies: ["Service", "Learning", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        // Level 4: composition root.
        .target(
            name: "Service",
            dependencies: [
                "API", "HTTPServer", "Ledger", "Learning", "Validation", "Routing", "JSON", "Gzip", "CAssets",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"), "Yams",
            ],
            swiftSettings: strict),
        // Level 3: endpoints, JSON to domain and back.
        .target(
            name: "API",
            dependencies: [
                "HTTPWire", "HTTPServer", "JSON", "Gzip", "Validation", "Routing", "Learning", "Ledger", "CAssets",
                .product(name: "Crypto", package: "swift-crypto"), "Yams",
            ],
            swiftSettings: strict),
        // Level 2: all our SQL.
        .target(
            name: "Ledger",
            dependencies: [
                "Routing", "CAssets", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        // Level 2: features, models, calibration, certificates, evaluation; takes data as values.
        .target(
            name: "Learning",
            dependencies: ["Routing", "JSON", "Validation", "CXGBoost", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        // Level 1: the only target with sockets; reading and writing JSON over bytes; gzip; forms of values in bounded time.
        .target(name: "HTTPServer", dependencies: ["HTTPWire", "CLinux"], swiftSettings: strict),
        .target(name: "JSON", dependencies: ["CSimdJSON"], swiftSettings: strict),
        .target(name: "Gzip", dependencies: ["CZlib"], swiftSettings: strict),
        .target(name: "Validation", dependencies: ["CPCRE2"], swiftSettings: strict),
        // Level 0: pure.
        .target(name: "HTTPWire", swiftSettings: strict),
        .target(name: "Routing", swiftSettings: strict),
        // C.
        .target(name: "CLinux"),
        .target(name: "CAssets"),
        .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),
        .systemLibrary(name: "CXGBoost", pkgConfig: "xgboost", providers: [.apt(["libxgboost-dev"])]),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // What tests of several targets need: temporary directories, a small disk, seeded numbers.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "HTTPWireTests", dependencies: ["HTTPWire"], swiftSettings: strict),
        .testTarget(name: "HTTPServerTests", dependencies: ["HTTPServer", "HTTPWire", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "RoutingTests", dependencies: ["Routing", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "GzipTests", dependencies: ["Gzip"], swiftSettings: strict),
        .testTarget(name: "ValidationTests", dependencies: ["Validation"], swiftSettings: strict),
        .testTarget(
            name: "LedgerTests",
            dependencies: ["Ledger", "Routing", "TestSupport", .product(name: "GRDB", package: "GRDB.swift")], swiftSettings: strict),
        .testTarget(
            name: "LearningTests", dependencies: ["Learning", "Validation", "Routing", "JSON"], exclude: ["Reference"],
            swiftSettings: strict),
        .testTarget(
            name: "APITests",
            dependencies: ["API", "HTTPServer", "Learning", "Validation", "Ledger", "Routing", "JSON", "Gzip", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ServiceTests",
            dependencies: [
                "Service", "API", "HTTPServer", "Ledger", "Learning", "Validation", "Routing", "JSON", "Gzip", "CAssets", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .testTarget(
            name: "FuzzTests", dependencies: ["HTTPWire", "JSON", "Gzip", "Validation", "API", "Ledger", "Routing"], swiftSettings: strict),
        .testTarget(name: "EndToEndTests", dependencies: ["JSON", "Gzip", "TestSupport"], exclude: ["Clients"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
