"""The report's style: one column on a phone, more where there is room, light or dark."""

CSS = """
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#16202c;--soft:#5a6676;--line:#dfe4ea;
--model:#1d63d8;--live:#8a3ffc;--ease:#0f8a7e;--item_knn:#b8860b;--bias_only:#c2570c;--baseline:#7b8794;--good:#11734b;--bad:#b3261e;
--good-bg:#e3f5ec;--bad-bg:#fdeceb;--zero:#c4513f;--one:#1d63d8}
@media(prefers-color-scheme:dark){:root{--bg:#10151c;--card:#18202a;--ink:#e7ecf2;--soft:#9aa7b6;
--line:#2c3743;--model:#6ea8ff;--live:#c39bff;--ease:#4fd1c5;--item_knn:#e0b84c;--bias_only:#f2994a;--baseline:#8d99a6;--good:#6fd6a4;
--bad:#ff9a92;--good-bg:#12301f;--bad-bg:#3a1a18;--zero:#ff8a75;--one:#6ea8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1080px;margin:0 auto;padding:20px 16px 48px}
h1{font-size:1.55rem;line-height:1.2;margin:0}
h2{font-size:1.15rem;margin:36px 0 4px}
h3{font-size:.95rem;margin:0 0 6px;font-weight:600}
p{margin:4px 0 12px}
.soft{color:var(--soft)}
.small{font-size:.86rem}
header .soft{margin:2px 0 14px;overflow-wrap:anywhere}
.verdict{border-radius:12px;padding:14px 18px;margin:14px 0}
.verdict b{display:block;font-size:1.1rem}
.accepted{background:var(--good-bg)}.accepted b{color:var(--good)}
.rejected{background:var(--bad-bg)}.rejected b{color:var(--bad)}
.grid{display:grid;gap:14px;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr))}
.pairs{grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr))}
section>.card,section>.grid{margin-top:14px}
.tiles{display:grid;gap:14px;grid-template-columns:repeat(auto-fit,minmax(155px,1fr))}
summary{cursor:pointer;font-weight:600;font-size:.95rem}
details[open] summary{margin-bottom:8px}
.card,.tile{background:var(--card);border:1px solid var(--line);border-radius:12px;
padding:14px 16px;
min-width:0}
.tile span{display:block;color:var(--soft);font-size:.86rem}
.tile strong{display:block;font-size:1.4rem;line-height:1.3;white-space:nowrap;
font-variant-numeric:tabular-nums}
figure{margin:0}
figcaption{color:var(--soft);font-size:.84rem;margin-top:6px}
svg{display:block;width:100%;height:auto;overflow:visible}
path.grid{stroke:var(--line);stroke-width:1;fill:none}
.axis{stroke:var(--soft);stroke-width:1;fill:none}
.tick,.axis-title{fill:var(--soft);font-size:11px;font-family:inherit;
font-variant-numeric:tabular-nums}
.axis-title{font-size:12px}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke:var(--c)}
.dashed{stroke-dasharray:4 4;stroke-width:1.4}
.dot,.bar{fill:var(--c)}
.area{fill:var(--c);fill-opacity:.32;stroke:var(--c);stroke-width:1.4}
.whisker{stroke:var(--c);stroke-width:1.6;fill:none}
.bar{fill-opacity:.85}
.s-model{--c:var(--model)}.s-live{--c:var(--live)}.s-bias_only{--c:var(--bias_only)}
.s-ease{--c:var(--ease)}.s-item_knn{--c:var(--item_knn)}
.s-baseline{--c:var(--baseline)}.s-chance{--c:var(--soft)}.s-held-out{--c:var(--bias_only)}
.ink{--c:var(--ink)}.l-0{--c:var(--zero)}.l-1{--c:var(--one)}
.bars{display:grid;grid-template-columns:auto 1fr auto;gap:8px 12px;align-items:center;
font-size:.9rem;font-variant-numeric:tabular-nums}
.bars svg{height:16px}.bars path{vector-effect:non-scaling-stroke}
ol,ul{margin:0;padding-left:1.4em;font-size:.9rem}.hit b{color:var(--good)}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;margin:6px 0 12px;padding:0;list-style:none;
font-size:.88rem}
.legend li::before,.key::before{content:"";display:inline-block;width:12px;height:12px;
border-radius:3px;background:var(--c);margin-right:7px;vertical-align:-1px}
.scroll{overflow-x:auto;margin:0 -4px;padding:0 4px}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:6px 8px;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left;white-space:normal}
th{font-weight:600;color:var(--soft);font-size:.84rem;vertical-align:bottom}
tr:last-child td{border-bottom:0}
td .soft{display:block;font-size:.76rem}
td.good{color:var(--good)}td.bad{color:var(--bad)}
dl{display:grid;grid-template-columns:minmax(90px,auto) 1fr;gap:4px 14px;margin:0;font-size:.9rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.82rem}
@media(max-width:480px){main{padding:14px 12px 40px}.tile strong{font-size:1.3rem}
.tiles{grid-template-columns:1fr 1fr;gap:10px}.card{padding:12px}
table,th{font-size:.78rem}th,td{padding:6px 3px}th,td .soft{white-space:normal}}
@media print{body{background:#fff}.card,.tile{break-inside:avoid}}
"""
