/// Text that stands in HTML or SVG. Everything from files goes through `escaped`.
enum Markup {
    /// In text and in attributes that stand in double quotes. Characters that XML has no place for become U+FFFD.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\t", "\n": escaped += " "
            // XML 1.0 §2.2.
            case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// A table. Cells are markup already.
    /// - Parameter textColumns: how many columns, from the left, hold words; the others hold numbers.
    static func table(caption: String, head: [String], rows: [[String]], textColumns: Int = 1) -> String {
        let heads = head.enumerated().map { column, text in
            "<th scope=\"col\"\(column < textColumns ? "" : " class=\"n\"")>\(text)</th>"
        }
        let lines = rows.map { row in
            let cells = row.enumerated().map { column, cell in
                switch column {
                case 0: "<th scope=\"row\">\(cell)</th>"
                case ..<textColumns: "<td>\(cell)</td>"
                default: "<td class=\"n\">\(cell)</td>"
                }
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return """
            <div class="wide"><table>
            <caption>\(caption)</caption>
            <thead><tr>\(heads.joined())</tr></thead>
            <tbody>
            \(lines.joined(separator: "\n"))
            </tbody>
            </table></div>
            """
    }

    /// `59.9`, of a share in [0, 1].
    static func percent(_ share: Double, _ digits: Int = 1) -> String { ModelText.digits(share * 100, digits) }

    /// `10,998`.
    static func grouped(_ count: Int) -> String {
        var digits = Array(String(count.magnitude))
        var at = digits.count - 3
        while at > 0 {
            digits.insert(",", at: at)
            at -= 3
        }
        return (count < 0 ? "-" : "") + String(digits)
    }
}
