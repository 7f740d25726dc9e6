extension EvaluationPage {
    /// Colours are those of Okabe and Ito (2008), which the colour-blind tell apart; darker on light paper and lighter in the dark where the contrast
    /// asks for it (WCAG 2.2: 4.5 for text, 3 for marks).
    static let style = """
        :root { --ink: #1b1f24; --soft: #57606a; --paper: #ffffff; --edge: #d0d7de; --stripe: #f6f8fa; --warn: #a4330c;
          --s0: #57606a; --s1: #a85c00; --s2: #8a4a78; --s3: #00795a; --s4: #005fa3; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e6edf3; --soft: #a3adb8; --paper: #0f1318; --edge: #3a434d; --stripe: #171c23; --warn: #ff9a6b;
            --s0: #a3adb8; --s1: #f0a02c; --s2: #e39ccb; --s3: #35c79b; --s4: #6cb8f5; } }
        * { box-sizing: border-box; }
        html { background: var(--paper); color: var(--ink); }
        body { margin: 0; font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; }
        main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
        h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .75rem; }
        h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--edge); }
        .lead { font-size: 1.075rem; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; width: 100%; margin: .5rem 0 1rem; }
        caption { text-align: left; color: var(--soft); padding: .25rem 0; }
        th, td { text-align: left; font-weight: 400; padding: .25rem .5rem; border-bottom: 1px solid var(--edge); vertical-align: top; }
        thead th { font-weight: 600; vertical-align: bottom; border-bottom: 2px solid var(--soft); }
        tbody tr:nth-child(even) { background: var(--stripe); }
        .n { text-align: right; }
        td.n { white-space: nowrap; }
        small { color: var(--soft); font-size: .9em; }
        .missed { color: var(--warn); }
        .missed small { color: inherit; }
        code { font: .9em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
        figure { margin: 1rem 0; }
        figcaption { color: var(--soft); font-size: .9rem; }
        svg { display: block; width: 100%; min-width: 36rem; height: auto; font: 13px system-ui, "DejaVu Sans", sans-serif; }
        text { fill: var(--ink); }
        .tick { font-size: 12px; fill: var(--soft); }
        .strong { fill: var(--ink); }
        .faint { font-size: 12px; font-style: italic; fill: var(--soft); }
        .grid { stroke: var(--edge); stroke-width: 1; }
        .axis { stroke: var(--soft); stroke-width: 1.25; }
        .goal { stroke: var(--ink); stroke-width: 1.25; stroke-dasharray: 4 3; }
        .line { fill: none; stroke: var(--s); stroke-width: 2; stroke-linejoin: round; }
        .dashed { stroke-dasharray: 7 4; }
        .bar { stroke: var(--s); stroke-width: 1.75; }
        .mark { fill: var(--s); stroke: var(--s); stroke-width: 1.5; }
        .hollow { fill: var(--paper); stroke: var(--s); stroke-width: 1.75; }
        .fill { fill: var(--s); }
        .s0 { --s: var(--s0); } .s1 { --s: var(--s1); } .s2 { --s: var(--s2); } .s3 { --s: var(--s3); } .s4 { --s: var(--s4); }
        @media print {
          :root { --ink: #000; --soft: #444; --paper: #fff; --edge: #bbb; --stripe: #fff; --warn: #000;
            --s0: #444; --s1: #a85c00; --s2: #8a4a78; --s3: #00795a; --s4: #005fa3; }
          @page { size: A4; margin: 16mm; }
          html { font-size: 9.5pt; }
          body { font-size: 1rem; }
          main { max-width: none; padding: 0; }
          h1 { font-size: 18pt; } h2 { font-size: 13pt; break-after: avoid; }
          figure, table, tr, caption { break-inside: avoid; }
          caption { break-after: avoid; }
          thead { display: table-header-group; }
          table { font-size: 7.5pt; }
          th, td { padding: .15rem .3rem; }
          svg { min-width: 0; }
          .wide { overflow: visible; }
          a { color: inherit; }
        }
        """
}
