import Routing
package import Validation

/// A trained model: all that is needed to assess cases, and to say how it came to be.
///
/// 1. Immutable. Any number of assessors, on any threads, share it.
/// 2. `heads` are in the order of `Head`; the encodings have a column for each.
/// 3. The same training gives the same file, byte by byte; `hash` names it.
package struct Model: Sendable {
    package let about: About
    package let schema: FeatureSchema
    package let vocabulary: Vocabulary
    package let heads: [TrainedHead]
    package let scoring: DocumentScoring
    /// SHA-256 of the file's content, in hexadecimal.
    package let hash: String
    let plan: FeaturePlan
    let vocabularyIndex: VocabularyIndex
    let hasTrees: Bool

    /// What a model says of itself.
    package struct About: Sendable, Hashable, Codable {
        package var kind: ModelKind
        package var label: LabelKind
        package var learner: LearnerKind
        /// Nil for all populations.
        package var population: String?
        package var seed: UInt64
        package var train: Part
        package var tune: Part
        /// Log loss on tune by learner, summed over the heads: why this one was taken.
        package var tuneLosses: [String: Double]
        package var features: FeatureSettings
        package var boosting: BoostingSettings
        /// How values should look, in the files that are assessed too; nil where nobody said.
        package var schemas: [FieldSchema]?
        /// Whether values that violate their schema get no confidence at all; nil for no.
        package var refusesViolations: Bool?
        package var xgboostVersion: String
    }

    /// What a part of the data was.
    package struct Part: Sendable, Hashable, Codable {
        package var documents: Int
        package var items: Int
        /// Share of the documents that were approved unchanged.
        package var unchangedShare: Double
        /// Earliest and latest day, ISO 8601; nil where no document has a date.
        package var from: String?
        package var through: String?
        /// SHA-256 of the cases, in hexadecimal.
        package var digest: String
        /// The documents, so that no other part may hold one of them; nil where that is of no account.
        package var hashes: DocumentHashes?
        /// What became of the lines that the part was read from; nil where it was not read from files.
        package var accounting: Accounting?
    }

    /// What foretells one head.
    package struct TrainedHead: Sendable {
        package let head: Head
        package let scorer: Scorer
        /// From the scorer's probability to one that held on tune.
        package let calibrator: Calibrator
        /// Log loss on tune, in nats.
        package let tuneLoss: Double

        package init(head: Head, scorer: Scorer, calibrator: Calibrator, tuneLoss: Double) {
            self.head = head
            self.scorer = scorer
            self.calibrator = calibrator
            self.tuneLoss = tuneLoss
        }
    }

    package enum Scorer: Sendable {
        /// The trees, and the JSON that XGBoost wrote of them: what explanations are made from.
        case boosted(Forest, json: [UInt8])
        case logistic(LinearScorer)
        /// The same log-odds for every item: where train knew one outcome only, or no feature.
        case constant(Double)
    }

    init(about: About, schema: FeatureSchema, vocabulary: Vocabulary, heads: [TrainedHead], scoring: DocumentScoring, hash: String) {
        self.about = about
        self.schema = schema
        self.vocabulary = vocabulary
        self.heads = heads
        self.scoring = scoring
        self.hash = hash
        plan = FeaturePlan(schema)
        vocabularyIndex = VocabularyIndex(vocabulary, population: about.population)
        hasTrees = heads.contains { if case .boosted = $0.scorer { true } else { false } }
    }
}

extension Model {
    /// The names of the columns, in their order.
    package var columnNames: [String] { schema.columnNames(labels: heads.map(\.head.name)) }

    /// For cold paths: an assessor of its own for one case.
    package func assess(_ document: Case) -> Assessment {
        let assessor = Assessor(self)
        return assessor.assess(document)
    }
}
