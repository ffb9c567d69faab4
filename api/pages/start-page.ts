import { groupDigits, instantText, shortUsd } from '../charts/number-text.ts';
import { venueName } from '../charts/venue-name.ts';
import type { Coverage } from '../queries/answers.ts';
import type { ReadyQuery } from '../queries/ready-queries.ts';
import type { MarketRecord, SourceStatus } from '../queries/records.ts';
import { chainCards } from './chain-cards.ts';
import { FAVICON_URL, html, LOGO, type Markup, raw } from './page-markup.ts';
import type { StartPageFacts } from './start-page-facts.ts';
import { START_PAGE_STYLE } from './start-page-style.ts';

export interface StartPageInput {
  readonly facts: StartPageFacts;
  readonly queries: readonly ReadyQuery[];
  /** Scheme and host the reader used, for URLs to copy. @example 'http://127.0.0.1:4000' */
  readonly origin: string;
}

/** The first batch of an archive takes about this long. */
const WAITING_SECONDS = '3';

const PURPOSE =
  'An event-sourced index and analytics API for isolated-margin perpetuals: every position, margin and liquidation as of any block, exact and replayable.';

interface ChartIntro {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly alt: string;
}

const CHARTS: readonly [ChartIntro, ChartIntro, ChartIntro] = [
  {
    name: 'liquidation-heatmap',
    title: 'Liquidation heatmap.',
    caption:
      'Notional that each price would liquidate, over time, from every open position; circles are the liquidations that came.',
    alt: 'Heatmap of standing liquidation mass by price and time with the index price and realized liquidations.',
  },
  {
    name: 'margin-history',
    title: 'Margin history.',
    caption:
      'Health factor of one liquidated position at every price update, judged by the venue’s own rules, with what its owner did.',
    alt: 'Health factor, index price and liquidation price of one position over time.',
  },
  {
    name: 'oracle-latency',
    title: 'Oracle latency.',
    caption: 'How old prices were when they reached the chain: survival curve, and hour by hour.',
    alt: 'Share of oracle prices later than a given lag, and lag by hour.',
  },
];

/** The whole start page. Nothing in it runs and nothing is loaded from another host. */
export function startPage(input: StartPageInput): string {
  const { facts } = input;
  const body = facts.shown === null ? waitingBody(facts) : indexedBody(input, facts.shown);
  const isSynthetic = facts.shown?.isSynthetic ?? false;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bulkhead: isolated-margin perpetuals, indexed</title>
<meta name="description" content="${PURPOSE}">
<link rel="icon" href="${FAVICON_URL}">${
    facts.shown === null
      ? html`
<meta http-equiv="refresh" content="${WAITING_SECONDS}">`
      : html``
  }
<style>${raw(START_PAGE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header>${LOGO}<h1>Bulkhead</h1>${
    isSynthetic ? html`<span class="badge">synthetic traders</span>` : html``
  }</header>
<p class="purpose">${PURPOSE}</p>
${body}
<footer>Pictures carry their as-of block and digest. The data behind them: <a href="/graphql">GraphQL</a>.
State of this server: <a href="/health">health</a>.</footer>
</body>
</html>
`.markup;
}

/** No pictures before there is anything to draw; the page asks again by itself. */
function waitingBody({ sources, shown }: StartPageFacts): Markup {
  const names = sources.map(({ name, chain }) => (name === '' ? chain : name)).join(', ');
  return html`<main id="content"><h2>Indexing…</h2>
<div class="box"><p>Nothing can be shown yet: ${
    names === ''
      ? html`the first blocks are on their way`
      : html`the first blocks of ${names} are on their way`
  }. This page reloads by itself every ${WAITING_SECONDS} seconds.</p>
<p>If no index is running, start one with <code>npm start</code> or <code>bulkhead index</code>.</p></div>
${sources.some(({ indexer }) => indexer !== null) ? chainCards(sources, shown) : html``}</main>`;
}

function indexedBody(input: StartPageInput, shown: SourceStatus): Markup {
  const [heatmap, history, latency] = CHARTS;
  const { origin, facts } = input;
  // A store of one chain has charts without a chain in their address: they are to be copied.
  const place = { origin, chain: facts.sources.length > 1 ? `&chain=${shown.chainId}` : '' };
  return html`<main id="content">
${chainCards(facts.sources, shown)}
${counts(shown)}
<h2>What you get${facts.sources.length > 1 ? html` <small>from ${shown.chain}</small>` : html``}</h2>
${chartFigure(heatmap, place, false)}
<div class="pair">${chartFigure(history, place, true)}${chartFigure(latency, place, true)}</div>
<h2>Ask your own question</h2>
<ul class="cards">${input.queries.map(queryCard)}</ul>
<h2>Markets</h2>
${marketTable(facts.markets)}
<h2>Where this comes from</h2>
${facts.sources.map(provenanceBox)}
</main>`;
}

function counts(shown: SourceStatus): Markup {
  const { counts: of, provenance } = shown;
  const coverage = provenance?.coverage ?? null;
  const tiles: Markup[] = [
    tile('Blocks', whole(of.blocks), `to ${whole(shown.headBlock ?? 0)}`),
    tile('Raw logs', whole(of.rawLogs), `${whole(of.deadLetters)} undecodable`),
    tile(
      'Positions',
      whole(of.positions),
      `${whole(of.openPositions)} open, ${whole(of.accounts)} accounts`,
    ),
    tile('Liquidations', whole(of.liquidations), `${whole(of.autoDeleveragings)} auto-deleveraged`),
    tile('Price updates', whole(of.oracleUpdates), `${whole(of.markets)} markets`),
  ];
  return html`<dl class="counts">${coverage === null ? tiles : [...tiles, proofTile(coverage)]}</dl>`;
}

/** How our positions stand against the protocols' counters. Nothing against nothing proves nothing. */
function proofTile(coverage: Coverage): Markup {
  const { protocolOpenInterestUsd: counter, residualUsd, residualSkewRaw } = coverage;
  if (coverage.countedSides === 0) {
    return tile('Open-interest residual', '–', 'the venue logs no counter of its own');
  }
  const isSkewWhole = residualSkewRaw === '0';
  const residual = residualUsd === null || Number(residualUsd) === 0 ? '0' : residualUsd;
  const isProof = residual === '0' && isSkewWhole && (counter === null || Number(counter) > 0);
  const against = counter === null ? 'skew' : `${shortUsd(Number(counter))}`;
  const unit = counter === null ? '' : '$';
  const value = isSkewWhole ? `${unit}${groupDigits(residual)}` : 'skew differs';
  return html`<div class="${isProof ? 'proof' : ''}"><dt>Open-interest residual</dt>
<dd>${value}<small>our positions against the protocol’s own ${against}</small></dd></div>`;
}

function tile(name: string, value: string, detail: string): Markup {
  return html`<div><dt>${name}</dt><dd>${value}<small>${detail}</small></dd></div>`;
}

function whole(value: number): string {
  return groupDigits(String(value));
}

/** One chart in the reader's colour scheme, taller on a narrow screen, with its URL to copy. */
function chartFigure(
  chart: ChartIntro,
  { origin, chain }: { readonly origin: string; readonly chain: string },
  isHalf: boolean,
): Markup {
  const wide = `${isHalf ? 'w=640&h=480' : 'w=1200&h=620'}${chain}`;
  const narrow = `w=480&h=520${chain}`;
  const path = `/v1/charts/${chart.name}`;
  const [width, height] = isHalf ? [640, 480] : [1_200, 620];
  const embed = `<img src="${origin}${path}.svg?theme=auto&w=1200${chain}" alt="${chart.title.replace('.', '')}">`;
  const source = (theme: string, size: string, media: string) =>
    html`<source media="${media}" srcset="${`${path}.svg?theme=${theme}&${size}`}">`;
  return html`<figure><picture>
${source('dark', narrow, '(prefers-color-scheme: dark) and (max-width: 560px)')}
${source('light', narrow, '(max-width: 560px)')}
${source('dark', wide, '(prefers-color-scheme: dark)')}
<img src="${`${path}.svg?theme=light&${wide}`}" width="${width}" height="${height}" alt="${chart.alt}"${
    isHalf ? raw(' loading="lazy"') : raw('')
  }></picture>
<figcaption><strong>${chart.title}</strong> ${chart.caption}
<details><summary>Embed this chart</summary><pre>${embed}</pre>
Also as <a href="${`${path}.png?w=1200&dpr=2${chain}`}">.png</a>. Parameters: <code>from</code>, <code>to</code>,
<code>block</code>, <code>w</code>, <code>h</code>, <code>theme=light|dark|auto</code>, <code>title=0|1</code>${
    chart.name === 'margin-history' ? html`, <code>position</code>` : html`, <code>market</code>`
  }.</details></figcaption></figure>`;
}

function queryCard({ title, query }: ReadyQuery): Markup {
  const link = `/graphql?query=${encodeURIComponent(query)}`;
  // Each ready query says in its first line what it answers.
  const comment = /^#\s*(.+)$/m.exec(query)?.[1] ?? '';
  return html`<li><a href="${link}"><h3>${title}</h3><span>${comment}</span></a></li>`;
}

function marketTable(markets: readonly MarketRecord[]): Markup {
  if (markets.length === 0) return html`<p>No market has open interest.</p>`;
  return html`<div class="scroll"><table>
<thead><tr><th scope="col">Market</th><th scope="col">Venue</th><th scope="col" class="number">Long</th>
<th scope="col" class="number">Short</th><th scope="col" class="number">Open positions</th><th scope="col">Charts</th></tr></thead>
<tbody>${markets.map(marketRow)}</tbody></table></div>`;
}

function marketRow(market: MarketRecord): Markup {
  const side = (name: string) => market.openInterest.find((one) => one.side === name);
  const usd = (name: string) => shortUsd(Number(side(name)?.positionsUsd ?? 0));
  const open = market.openInterest.reduce((sum, one) => sum + one.openPositions, 0);
  const label = market.name ?? market.symbol ?? market.address;
  const query = `market=${encodeURIComponent(market.id)}`;
  return html`<tr><th scope="row">${label}</th><td>${venueName(market.id)}</td>
<td class="number">${usd('LONG')}</td><td class="number">${usd('SHORT')}</td><td class="number">${whole(open)}</td>
<td><a href="${`/v1/charts/liquidation-heatmap.svg?${query}&theme=auto`}">heatmap</a> ·
<a href="${`/v1/charts/map-score.svg?${query}&theme=auto`}">its report card</a> ·
<a href="${`/v1/charts/oracle-latency.svg?${query}&theme=auto`}">oracle latency</a></td></tr>`;
}

function provenanceBox(source: SourceStatus): Markup {
  const provenance = source.provenance;
  const rows: [string, string][] = [
    ['Source', source.name],
    ['Chain', `${source.chain} (id ${source.chainId})`],
    ...(source.isSynthetic
      ? [
          ['Traders', 'synthetic: the orders and keepers are invented; see the origin'] as [
            string,
            string,
          ],
        ]
      : []),
    ['What it is', source.description],
    ['Origin', source.origin],
    ['As of', asOf(source)],
    ...(provenance ? [['Digest', provenance.digest] as [string, string]] : []),
  ];
  return html`<div class="box"><dl>${rows
    .filter(([, value]) => value !== '')
    .map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></div>`;
}

function asOf(source: SourceStatus): string {
  if (source.headBlock === null || source.headTime === null) return 'not indexed yet';
  const finality = source.provenance?.finality.toLowerCase() ?? '';
  return `block ${whole(source.headBlock)}, ${instantText(source.headTime)}${finality ? `, ${finality}` : ''}`;
}
