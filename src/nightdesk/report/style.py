"""How the page of a report looks: by day, by night, and on paper."""

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --ground: #fbfaf7; --sheet: #fff; --ink: #1c2126; --soft: #5d666f; --rule: #dfe2e0;
  --equity: #1f5f8b; --gain: #1a7f4b; --loss: #b3382c; --even: #8a8f94; --note: #fff6df; --note-edge: #d9a514; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --sheet: #1b1f23; --ink: #e4e7e9; --soft: #9aa4ad;
  --rule: #31373d; --equity: #6fb1dd; --gain: #57c28a; --loss: #ef8175; --even: #8a9198; --note: #2b2617;
  --note-edge: #b98d1b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 28px 20px 40px; }
h1 { font-size: 26px; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 30px 0 8px; }
.subtitle { color: var(--soft); margin: 2px 0 0; }
.notes { background: var(--note); border-left: 3px solid var(--note-edge); margin: 18px 0 0;
  padding: 8px 14px 8px 30px; }
.notes li { overflow-wrap: anywhere; }
.cards { display: grid; gap: 10px; grid-template-columns: repeat(auto-fill, minmax(215px, 1fr)); margin: 20px 0 0;
  padding: 0; list-style: none; }
.cards li { background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; padding: 10px 12px; }
.cards .name { color: var(--soft); font-size: 13px; }
.cards .value { display: block; font-size: 22px; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.cards .why { color: var(--soft); display: block; font-size: 12px; }
.bad { color: var(--loss); }
svg { display: block; width: 100%; height: auto; background: var(--sheet); border: 1px solid var(--rule);
  border-radius: 8px; }
.tick { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.grid { stroke: var(--rule); } .zero { stroke: var(--soft); }
.equity-line { fill: none; stroke: var(--equity); stroke-width: 1.6; stroke-linejoin: round; }
.equity-area { fill: var(--equity); opacity: .10; }
.drawdown-line { fill: none; stroke: var(--loss); stroke-width: 1.3; stroke-linejoin: round; }
.drawdown-area { fill: var(--loss); opacity: .18; }
.gain { stroke: var(--gain); fill: var(--gain); } .loss { stroke: var(--loss); fill: var(--loss); }
.even { stroke: var(--even); fill: var(--even); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums;
  background: var(--sheet); border: 1px solid var(--rule); }
th, td { padding: 4px 9px; text-align: right; border-top: 1px solid var(--rule); white-space: nowrap; }
thead th { color: var(--soft); font-weight: 600; border-top: 0; }
th:first-child, td:first-child { text-align: left; white-space: normal; overflow-wrap: anywhere; }
.figures td:last-child, .figures th:last-child { color: var(--soft); font-size: 12.5px; text-align: left;
  white-space: normal; width: 48%; }
.figures td:first-child { width: 24%; }
.months th, .months td { padding: 4px 6px; }
.months th:first-child { white-space: nowrap; }
.months td.up { background: color-mix(in srgb, var(--gain) var(--depth), transparent); }
.months td.down { background: color-mix(in srgb, var(--loss) var(--depth), transparent); }
.months .total { font-weight: 600; border-left: 2px solid var(--rule); }
.hint, footer { color: var(--soft); font-size: 13px; }
footer { margin-top: 34px; }
@media print { :root { --ground: #fff; --sheet: #fff; --ink: #000; --soft: #444; --rule: #bbb; --equity: #1f5f8b;
    --gain: #1a7f4b; --loss: #b3382c; --note: #fff; }
  main { max-width: none; padding: 0; } body { font-size: 11px; } h2 { break-after: avoid; }
  svg, table, .cards li { break-inside: avoid; } table { font-size: 10px; } .figures { break-inside: auto; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""
