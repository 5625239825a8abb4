/** The page's style sheet: a light and a dark scheme, and one column on narrow screens. */
export const style: string = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #14171f; --soft: #5b6372; --line: #e3e6ec;
  --test: #2456d6; --train: #97a0b0; --rate: #0f8a6d; --right: #2456d6; --wrong: #c2410c; --leaf: #dfe8fc; --op: #f1f3f6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e1014; --card: #171a20; --ink: #e9ebf0; --soft: #9ba3b2; --line: #2a2f39;
    --test: #7aa5ff; --train: #7d8697; --rate: #4cc9a4; --right: #4d7ff0; --wrong: #ff8f5e; --leaf: #233358; --op: #242933;
  }
}
* { box-sizing: border-box; margin: 0; padding: 0; }
body {
  background: var(--page); color: var(--ink); line-height: 1.5; padding: 0 1.25rem 4rem;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-size: 1rem; font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%;
}
body > * { max-width: 70rem; margin-inline: auto; }
header { padding: 3.5rem 0 0; }
header p { color: var(--soft); max-width: 44rem; font-size: 1.0625rem; }
.eyebrow { font-size: 0.8125rem; letter-spacing: 0.06em; color: var(--soft); }
h1 { font-size: clamp(2rem, 5.5vw, 3.25rem); line-height: 1.08; letter-spacing: -0.025em; font-weight: 700; margin: 0.4rem 0 1rem; text-wrap: balance; }
h1 em { font-style: normal; color: var(--test); }
h2 { font-size: 1.375rem; letter-spacing: -0.01em; margin-bottom: 0.25rem; }
h3 { font-size: 0.9375rem; font-weight: 600; }
section { margin-top: 3rem; }
section > p, .note { color: var(--soft); max-width: 46rem; margin-bottom: 1rem; }
ul, ol { list-style: none; }
.summary { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1px; background: var(--line); border: 1px solid var(--line); border-radius: 0.75rem; overflow: hidden; margin-top: 2rem; }
.summary div { background: var(--card); padding: 0.875rem 1.125rem; }
.summary dt { font-size: 0.8125rem; color: var(--soft); }
.summary dd { font-size: 1.375rem; font-weight: 650; letter-spacing: -0.01em; }
.card, .chart, .digit { background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; }
.card { padding: 1.25rem; }
.scroll { overflow-x: auto; }

.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem; margin-top: 1rem; }
.chart { padding: 1rem 0.75rem 0.5rem; }
.chart figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding: 0 0.375rem 0.5rem; }
.chart svg { display: block; height: auto; }
.legend { display: flex; gap: 0.875rem; font-size: 0.8125rem; color: var(--soft); }
.legend li::before { content: ""; display: inline-block; width: 0.5rem; height: 0.5rem; border-radius: 50%; background: var(--dot); margin-right: 0.375rem; }
.legend b { color: var(--ink); font-weight: 600; }
details { margin-top: 1rem; }
summary { cursor: pointer; color: var(--soft); font-size: 0.875rem; width: fit-content; }
table { border-collapse: collapse; }
.epochs { width: 100%; font-size: 0.875rem; margin-top: 0.75rem; }
.epochs th, .epochs td { text-align: right; padding: 0.3rem 0.75rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
.epochs th { color: var(--soft); font-weight: 500; }

.confusion { display: flex; flex-wrap: wrap; gap: 1.5rem 3rem; align-items: flex-start; margin-top: 1rem; }
.matrix { border-collapse: separate; border-spacing: 3px; }
.matrix th, .matrix td { width: 2.75rem; height: 2.75rem; text-align: center; font-size: 0.9375rem; }
.matrix thead th { height: 1.75rem; }
.matrix th { font-weight: 600; }
.matrix .axis { font-weight: 400; font-size: 0.8125rem; color: var(--soft); }
.matrix tbody td { border-radius: 0.375rem; background: var(--card); }
.matrix .none { color: color-mix(in srgb, var(--soft) 55%, transparent); }
.matrix td.right { background: color-mix(in srgb, var(--right) calc(100% * var(--shade)), var(--card)); color: #ffffff; font-weight: 600; }
.matrix td.wrong { background: color-mix(in srgb, var(--wrong) calc(85% * var(--shade)), var(--card)); font-weight: 600; }
.matrix .recall { background: none; color: var(--soft); width: 4rem; font-size: 0.8125rem; font-weight: 400; }
aside { flex: 1 1 14rem; padding-top: 0.25rem; }
.pairs li { display: flex; gap: 0.4rem; padding: 0.5rem 0; border-bottom: 1px solid var(--line); max-width: 22rem; }
.pairs span { margin-left: auto; color: var(--soft); }
b.wrong { color: var(--wrong); }

.digits { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 1rem; margin-top: 1rem; }
.digit { padding: 0.875rem; }
.digit p { margin: 0.625rem 0 0.375rem; }
.picture { display: block; width: 100%; border-radius: 0.375rem; background: var(--op); fill: var(--ink); }
.shares li { display: grid; grid-template-columns: 0.75rem 1fr 3.4rem; gap: 0.4rem; align-items: center; font-size: 0.8125rem; line-height: 1.35rem; color: var(--soft); }
.shares i { height: 0.4rem; border-radius: 0.2rem; background: linear-gradient(var(--train), var(--train)) no-repeat 0 / calc(100% * var(--share)) 100%, var(--op); }
.shares span:last-child { text-align: right; }
.shares .meant, .shares .read { color: var(--ink); }
.shares .meant i { background-image: linear-gradient(var(--right), var(--right)); }
.shares .read i { background-image: linear-gradient(var(--wrong), var(--wrong)); }

.graph { display: block; margin: 0 auto; max-width: 100%; min-width: 34rem; height: auto; font-family: Helvetica, Arial, sans-serif; }
.graph .node path { fill: var(--leaf); stroke: color-mix(in srgb, var(--test) 45%, var(--leaf)); }
.graph .node polygon { fill: var(--op); stroke: color-mix(in srgb, var(--soft) 50%, var(--op)); }
.graph .edge path { stroke: var(--soft); }
.graph .edge polygon { fill: var(--soft); stroke: none; }
.graph text { fill: var(--ink); }
.graph .edge text { fill: var(--soft); }

.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 1rem; margin-top: 1rem; }
.facts h3 { margin-bottom: 0.5rem; }
.facts dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.25rem 1rem; font-size: 0.875rem; }
.facts dt { color: var(--soft); }
.facts dd { text-align: right; overflow-wrap: anywhere; }
pre { font: 0.8125rem/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-x: auto; }
pre.card { margin-top: 1rem; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.8125rem; }
@media (max-width: 40rem) {
  header { padding-top: 2rem; }
  .matrix { border-spacing: 2px; }
  .matrix th, .matrix td { width: 1.75rem; height: 1.9rem; font-size: 0.8125rem; }
  .matrix .recall { width: 2.75rem; }
  .digits { grid-template-columns: repeat(auto-fill, minmax(8.75rem, 1fr)); }
}
@media print { section { break-inside: avoid; } }
`;
