@testable import Learning
import Testing

@Suite struct SeededGeneratorTests {
    /// Vectors of the authors' C code, as printed in Rosetta Code ("Pseudo-random numbers/Splitmix64", seed 1234567).
    @Test func `SplitMix64 gives the reference values`() {
        var generator = SplitMix64(state: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ]
        #expect(expected.map { _ in generator.next() } == expected)
    }

    /// Of the reference implementation with the state 1, 2, 3, 4, as in the tests of the Rust crate rand_xoshiro.
    @Test func `xoshiro256** gives the reference values`() {
        var generator = SeededGenerator(state: (1, 2, 3, 4))
        let expected: [UInt64] = [
            11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360, 607_988_272_756_665_600,
            16_172_922_978_634_559_625, 8_476_171_486_693_032_832, 10_595_114_339_597_558_777, 2_904_607_092_377_533_576,
        ]
        #expect(expected.map { _ in generator.next() } == expected)
    }

    @Test func `draws below a bound are even`() {
        var generator = SeededGenerator(seed: 5)
        var counts = [Int](repeating: 0, count: 10)
        for _ in 0..<20_000 { counts[generator.below(10)] += 1 }
        let chiSquared = counts.reduce(0) { $0 + Double(($1 - 2000) * ($1 - 2000)) / 2000 }
        #expect(ChiSquared.upper(chiSquared, degrees: 9) > 0.001)
    }

    @Test func `a permutation has everything once, and the seed decides it`() {
        var first = SeededGenerator(seed: 9)
        var again = SeededGenerator(seed: 9)
        var other = SeededGenerator(seed: 10)
        let order = first.permutation(100)
        #expect(order.sorted() == Array(0..<100))
        #expect(order == again.permutation(100))
        #expect(order != other.permutation(100))
        #expect((0..<1000).allSatisfy { _ in 0..<1 ~= first.unit() })
    }
}
