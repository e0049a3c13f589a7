"""The style of pages: system fonts, light and dark, narrow and wide, screen and paper."""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #fcfbf8; --ink: #1d1f23; --soft: #5b6068; --line: #d9d6cf; --card: #f3f1ea;
  --good: #0b6b45; --bad: #b3261e; --unsure: #8a5a00;
  --offered: #a9b4c2; --shown: #1f5fa8; --weighted: #0b8a83; --removed: #a0522d;
  --p0: #1f5fa8; --p1: #d07a15; --p2: #0b8a63; --p3: #8b4ea1; --p4: #b8425d; --p5: #6d7a12;
  --plain: #9aa1ab; --other: #55585e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --ink: #e9e7e2; --soft: #a7abb2; --line: #3a3e45; --card: #1f2227;
    --good: #5fcf9c; --bad: #ff8a80; --unsure: #f0b95a;
    --offered: #6a7482; --shown: #6eb1f7; --weighted: #4fd1c5; --removed: #e09a70;
    --p0: #6eb1f7; --p1: #f2ae5a; --p2: #5fcf9c; --p3: #cf9be3; --p4: #f38ba2; --p5: #c3cf66;
    --plain: #7d848e; --other: #c0c3c8;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  overflow-wrap: break-word;
}
header, main, footer { max-width: 50rem; margin: 0 auto; padding: 0 1.1rem; }
header { padding-top: 2.2rem; }
h1, h2, h3 {
  font-family: Charter, "Iowan Old Style", Georgia, "DejaVu Serif", serif; line-height: 1.2; font-weight: 600;
}
h1 { font-size: clamp(1.7rem, 6vw, 2.5rem); margin: .1rem 0 .3rem; }
h2 { font-size: 1.5rem; margin: 3rem 0 .8rem; padding-top: .6rem; border-top: 2px solid var(--ink); }
h3 { font-size: 1.18rem; margin: 2.2rem 0 .5rem; }
p, ul, ol { margin: .5rem 0 .8rem; }
li { margin: .25rem 0; }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: .2em; }
code, pre { font: .86em/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: .6rem; background: var(--card); }
.kicker { margin: 0; color: var(--soft); letter-spacing: .06em; text-transform: uppercase; font-size: .8rem; }
.period { color: var(--soft); margin: 0 0 1.4rem; }
.verdict { border-left: .45rem solid var(--good); background: var(--card); padding: .9rem 1.1rem .5rem; }
.verdict h2 { border: 0; padding: 0; margin: 0 0 .4rem; color: var(--good); }
.verdict h2::before { content: "✓ "; }
.verdict.bad { border-color: var(--bad); }
.verdict.bad h2 { color: var(--bad); }
.verdict.bad h2::before { content: "✗ "; }
.verdict.unsure { border-color: var(--unsure); }
.verdict.unsure h2 { color: var(--ink); }
.verdict.unsure h2::before { content: none; }
.warning { font-weight: 600; color: var(--unsure); }
.problems { padding-left: 1.1rem; }
.facts {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr)); gap: .6rem; margin: 1rem 0 1.4rem;
}
.facts div {
  display: flex; flex-direction: column-reverse; justify-content: flex-end;
  border-top: 1px solid var(--line); padding-top: .4rem;
}
.facts dd { margin: 0; font-size: 1.7rem; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.2; }
.facts dt { color: var(--soft); font-size: .86rem; }
nav ul { list-style: none; padding: 0; margin: .3rem 0 0; columns: 2 18rem; }
nav li { margin: 0; padding: .2rem 0; break-inside: avoid; }
nav p { color: var(--soft); margin: 1.2rem 0 0; font-size: .86rem; }
figure { margin: .8rem 0 1.1rem; }
figcaption { color: var(--soft); font-size: .92rem; margin-bottom: .5rem; }
.legend {
  list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; padding: 0; margin: 0 0 .7rem; font-size: .9rem;
}
.key { width: 14px; height: 14px; vertical-align: -2px; }
.plot { display: block; overflow: visible; }
.plot text { fill: var(--ink); font-size: 12px; font-variant-numeric: tabular-nums; }
.plot .name { font-size: 13px; font-weight: 600; }
.plot .value { font-size: 11px; fill: var(--soft); }
.plot .tick { font-size: 11px; fill: var(--soft); }
.plot .sign { font-weight: 700; }
.plot .grid { stroke: var(--line); stroke-width: 1; }
.plot .even { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 4; }
.plot .mark { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 3 2; }
.plot .part { stroke: var(--page); stroke-width: 1; }
.curve { stroke-width: 2.5; stroke-linecap: round; }
.s-offered { fill: var(--offered); stroke: var(--offered); }
.s-shown { fill: var(--shown); stroke: var(--shown); }
.s-weighted { fill: var(--weighted); stroke: var(--weighted); }
.s-removed { fill: var(--removed); }
.f-read { fill: var(--shown); } .f-erased { fill: var(--plain); } .f-missing { fill: var(--bad); }
.p0 { fill: var(--p0); } .p1 { fill: var(--p1); } .p2 { fill: var(--p2); } .p3 { fill: var(--p3); }
.p4 { fill: var(--p4); } .p5 { fill: var(--p5); } .pb { fill: var(--plain); } .po { fill: var(--other); }
.scroll { overflow-x: auto; margin: .8rem 0 1.1rem; }
.scroll:focus-visible, summary:focus-visible, a:focus-visible { outline: 3px solid var(--shown); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
.quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
caption { text-align: left; color: var(--soft); font-size: .86rem; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .34rem .8rem .34rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 500; vertical-align: bottom; border-bottom-color: var(--soft); }
tbody th { font-weight: 500; min-width: 7rem; }
.n { text-align: right; white-space: nowrap; }
thead .n { white-space: normal; }
th.n { min-width: 0; }
td code { white-space: nowrap; }
td code.long { white-space: normal; }
th:last-child, td:last-child { padding-right: 0; }
details { margin: .5rem 0; }
summary { cursor: pointer; padding: .2rem 0; color: var(--soft); }
footer { margin-top: 3rem; padding-top: 1rem; padding-bottom: 3rem; color: var(--soft); font-size: .86rem; }
@media print {
  :root { color-scheme: light; }
  body { font-size: 10pt; background: none; }
  header, main, footer { max-width: none; padding: 0; }
  nav { display: none; }
  .verdict, .plot, .key, rect { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h2, h3, figcaption { break-after: avoid; }
  figure, tr, .verdict, .facts { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
"""
