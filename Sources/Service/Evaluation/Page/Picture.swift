/// An SVG picture, put together mark by mark. Its colours are classes of the page's style sheet, so that it follows light, dark and paper.
struct Picture {
    enum Anchor: String { case start, middle, end }

    /// A form for each series, so that colour is never the only difference.
    enum Marker: Int, CaseIterable { case circle, square, triangle, diamond, cross }

    private let id: String
    private let title: String
    private let description: String
    private let width: Double
    private let height: Double
    private var marks: [String] = []

    /// - Parameters:
    ///   - id: of its own on the page.
    ///   - description: what it shows, for those who cannot see it.
    init(id: String, title: String, description: String, width: Double = 760, height: Double) {
        self.id = id
        self.title = title
        self.description = description
        self.width = width
        self.height = height
    }

    var markup: String {
        """
        <svg viewBox="0 0 \(Picture.number(width)) \(Picture.number(height))" role="img" aria-labelledby="\(id)-title \(id)-description">
        <title id="\(id)-title">\(Markup.escaped(title))</title>
        <desc id="\(id)-description">\(Markup.escaped(description))</desc>
        \(marks.joined(separator: "\n"))
        </svg>
        """
    }

    mutating func line(_ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ style: String) {
        marks.append(
            "<line x1=\"\(Self.number(from.x))\" y1=\"\(Self.number(from.y))\" x2=\"\(Self.number(to.x))\" y2=\"\(Self.number(to.y))\" "
                + "class=\"\(style)\"/>")
    }

    mutating func path(_ points: [(x: Double, y: Double)], _ style: String) {
        guard !points.isEmpty else { return }
        let steps = points.enumerated().map { "\($0.offset == 0 ? "M" : "L")\(Self.number($0.element.x)) \(Self.number($0.element.y))" }
        marks.append("<path d=\"\(steps.joined())\" class=\"\(style)\"/>")
    }

    mutating func rectangle(x: Double, y: Double, width: Double, height: Double, _ style: String) {
        marks.append(
            "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(max(width, 0)))\" "
                + "height=\"\(Self.number(height))\" class=\"\(style)\"/>")
    }

    mutating func text(_ text: String, x: Double, y: Double, _ anchor: Anchor = .start, _ style: String = "t") {
        marks.append(
            "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor.rawValue)\" class=\"\(style)\">"
                + "\(Markup.escaped(text))</text>")
    }

    /// From bottom to top.
    mutating func uprightText(_ text: String, x: Double, y: Double) {
        let place = "\(Self.number(x)) \(Self.number(y))"
        marks.append(
            "<text transform=\"translate(\(place)) rotate(-90)\" text-anchor=\"middle\" class=\"t\">\(Markup.escaped(text))</text>")
    }

    mutating func marker(_ marker: Marker, x: Double, y: Double, size: Double = 4, _ style: String) {
        func at(_ points: [(Double, Double)]) -> String {
            points.map { "\(Self.number(x + $0.0 * size)) \(Self.number(y + $0.1 * size))" }.joined(separator: "L")
        }
        switch marker {
        case .circle:
            marks.append(
                "<circle cx=\"\(Self.number(x))\" cy=\"\(Self.number(y))\" r=\"\(Self.number(size))\" class=\"\(style)\"/>")
        case .square: marks.append("<path d=\"M\(at([(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]))Z\" class=\"\(style)\"/>")
        case .triangle: marks.append("<path d=\"M\(at([(0, -1.15), (1.1, 0.85), (-1.1, 0.85)]))Z\" class=\"\(style)\"/>")
        case .diamond: marks.append("<path d=\"M\(at([(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)]))Z\" class=\"\(style)\"/>")
        case .cross:
            marks.append("<path d=\"M\(at([(-1, -1), (1, 1)]))M\(at([(-1, 1), (1, -1)]))\" class=\"\(style)\"/>")
        }
    }

    /// With two digits behind the point: a hundredth of a pixel.
    private static func number(_ value: Double) -> String {
        let text = ModelText.digits(value, 2)
        return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
    }
}
