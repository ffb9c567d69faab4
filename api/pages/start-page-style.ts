/** Style of the start page. Colours are those of the charts, so that pictures sit in the page. */
export const START_PAGE_STYLE = `
:root{color-scheme:light dark;--bg:#ffffff;--sunk:#f3f6f9;--text:#101c2b;--muted:#4a5a6c;--line:#d9e1e9;--link:#0058a3;--badge:#fff0d6;--badge-text:#6b4300;--good:#006b53;--bad:#a3262b;--warn:#7a4d00}
@media (prefers-color-scheme:dark){:root{--bg:#0b1420;--sunk:#111f30;--text:#eaf1f8;--muted:#a3b3c4;--line:#22344a;--link:#7cc4ff;--badge:#3a2a0c;--badge-text:#ffd28a;--good:#3fd0a8;--bad:#ff9d9d;--warn:#ffd28a}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.55 Inter,system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
main,header,footer{max-width:1240px;margin:0 auto;padding:0 20px}
a{color:var(--link);text-underline-offset:3px}
a:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-9999px}
.skip:focus{left:12px;top:12px;background:var(--bg);padding:8px 12px}
header{display:flex;flex-wrap:wrap;align-items:center;gap:14px;padding-top:34px}
header svg{width:44px;height:44px;flex:none}
h1{font-size:30px;line-height:1.1;margin:0;letter-spacing:-.02em}
.purpose{margin:10px auto 0;max-width:1240px;padding:0 20px;color:var(--muted);font-size:18px}
.badge{background:var(--badge);color:var(--badge-text);border-radius:99px;padding:3px 12px;font-size:14px;font-weight:600;white-space:nowrap}
h2{font-size:21px;margin:44px 0 12px;letter-spacing:-.01em}
h2 small{font-size:15px;font-weight:400;color:var(--muted)}
h3{font-size:16px;margin:0 0 4px}
.chains{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:14px;margin:26px 0 0}
.chain{--tone:var(--muted);background:var(--sunk);border:1px solid var(--line);border-left:4px solid var(--tone);border-radius:10px;padding:14px 18px}
.chain.good{--tone:var(--good)}
.chain.busy{--tone:var(--link)}
.chain.warn{--tone:var(--warn)}
.chain.bad{--tone:var(--bad)}
.chain[aria-current]{outline:2px solid var(--line);outline-offset:1px}
.chain h2{font-size:16px;letter-spacing:0;display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:2px 12px;margin:0 0 2px}
.chain .state{color:var(--tone);font-size:15px;white-space:nowrap}
.chain .state::before{content:'';display:inline-block;width:9px;height:9px;border-radius:99px;background:var(--tone);margin-right:7px}
.chain p{margin:0 0 10px;overflow-wrap:anywhere}
.chain dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 16px;margin:0;font-size:14px}
.chain dt{color:var(--muted)}
.chain dd{margin:0;font-variant-numeric:tabular-nums}
.progress{display:flex;align-items:center;gap:12px;margin:0 0 10px;font-size:14px;font-variant-numeric:tabular-nums}
progress{flex:1;height:8px;appearance:none;-webkit-appearance:none;border:0;border-radius:99px;background:var(--line);overflow:hidden;color:var(--tone)}
progress::-webkit-progress-bar{background:var(--line)}
progress::-webkit-progress-value{background:var(--tone)}
progress::-moz-progress-bar{background:var(--tone)}
.counts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;margin:26px 0 0;background:var(--line);border:1px solid var(--line);border-radius:10px;overflow:hidden}
.counts div{background:var(--bg);padding:14px 16px}
.counts dt{color:var(--muted);font-size:14px}
.counts dd{margin:0;font-size:24px;font-weight:600;font-variant-numeric:tabular-nums;letter-spacing:-.01em}
.counts small{display:block;font-size:13px;font-weight:400;color:var(--muted);letter-spacing:0}
.proof dd{color:var(--good)}
figure{margin:0 0 26px}
figure img{display:block;width:100%;height:auto;border:1px solid var(--line);border-radius:10px}
figcaption{margin:10px 2px 0;color:var(--muted);font-size:15px}
figcaption strong{color:var(--text)}
.pair{display:grid;gap:0 24px}
@media (min-width:1080px){.pair{grid-template-columns:1fr 1fr}}
details{margin-top:6px}
summary{cursor:pointer;color:var(--link)}
pre{background:var(--sunk);border:1px solid var(--line);border-radius:8px;padding:12px 14px;overflow-x:auto;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;margin:8px 0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(205px,1fr));gap:12px;padding:0;margin:0;list-style:none}
.cards a{display:block;height:100%;padding:14px 16px;border:1px solid var(--line);border-radius:10px;text-decoration:none;background:var(--sunk)}
.cards a:hover{border-color:var(--link)}
.cards span{display:block;color:var(--muted);font-size:14px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:15px}
th,td{text-align:left;padding:9px 14px 9px 0;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--muted);font-weight:500;font-size:14px}
tbody th{color:var(--text);font-size:15px}
.number{text-align:right;padding-right:28px;font-variant-numeric:tabular-nums}
.box{background:var(--sunk);border:1px solid var(--line);border-radius:10px;padding:16px 18px}
.box p{margin:0}
.box p+p{margin-top:8px;color:var(--muted)}
.box dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 18px;margin:0;font-size:15px}
.box dt{color:var(--muted)}
.box dd{margin:0;overflow-wrap:anywhere}
@media (max-width:560px){.box dl{grid-template-columns:1fr;gap:0}.box dd{margin-bottom:8px}h1{font-size:26px}.purpose{font-size:16px}}
footer{color:var(--muted);font-size:14px;margin-top:44px;padding-bottom:40px}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
`;
