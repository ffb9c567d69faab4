import { describe, expect, test } from 'vitest';
import { startPage } from '../../../api/pages/start-page.ts';
import { START_PAGE_STYLE } from '../../../api/pages/start-page-style.ts';
import { READY_QUERIES } from '../../../api/queries/ready-queries.ts';
import type { MarketRecord, SourceStatus } from '../../../api/queries/records.ts';
import { sampleProvenance } from '../charts/sample-answers.ts';

function source(over: Partial<SourceStatus> = {}): SourceStatus {
  return {
    chainId: 42161,
    chain: 'local-sample',
    name: 'sample-archive',
    description: 'An invented archive.',
    origin: 'Nobody observed it.',
    isSynthetic: true,
    isRecorded: true,
    firstBlock: 0,
    headBlock: 3651,
    headTime: '2023-08-18T03:39:04.000Z',
    landedBlock: 3651,
    landedAt: '2026-01-01T00:00:00.000Z',
    committedAt: '2026-01-01T00:00:00.000Z',
    indexer: null,
    lag: { sourceHeight: null, blocks: null, seconds: null },
    finality: { safeBlock: 3651, finalBlock: 3651, safeDepth: 0, finalityDepth: 0 },
    rollbacks: { count: 0, deepest: 0, last: [] },
    counts: {
      blocks: 3652,
      rawLogs: 26525,
      positionEvents: 839,
      marketEvents: 1000,
      oracleUpdates: 6076,
      deadLetters: 0,
      positions: 236,
      openPositions: 68,
      accounts: 99,
      liquidations: 54,
      autoDeleveragings: 0,
      markets: 3,
    },
    provenance: sampleProvenance({
      coverage: {
        positions: 68,
        notionalUsd: '2850000',
        protocolOpenInterestUsd: '2850000',
        residualUsd: '0',
        residualSkewRaw: '0',
        countedSides: 2,
        sides: 2,
      },
    }),
    ...over,
  };
}

function market(name: string): MarketRecord {
  const token = { address: '0x00', symbol: 'ETH', decimals: 18, priceDecimals: 12 };
  const side = {
    protocolUsd: '400000',
    positionsUsd: '400000',
    residualUsd: '0',
    openPositions: 7,
  };
  return {
    id: '42161:gmx-v2:0x28b77f5759010d35913196cabd4afec8403f53be',
    chainId: 42161,
    venue: 'gmx-v2',
    address: '0x28b77f5759010d35913196cabd4afec8403f53be',
    symbol: 'ETH',
    name,
    indexToken: token,
    longToken: token,
    shortToken: token,
    poolAmountLongRaw: '0',
    poolAmountShortRaw: '0',
    openInterest: [
      { ...side, side: 'LONG' },
      { ...side, side: 'SHORT' },
    ],
    skew: null,
    updatedBlock: 3600,
    updatedAt: '2023-08-18T03:00:00.000Z',
    asOfBlock: 3651,
  };
}

function page(shown: SourceStatus | null = source(), marketName = 'ETH/USD [WETH-USDC]'): string {
  return startPage({
    facts: {
      sources: shown === null ? [] : [shown],
      shown,
      markets: shown === null ? [] : [market(marketName)],
    },
    queries: READY_QUERIES,
    origin: 'http://localhost:4000',
  });
}

/** WCAG 2 contrast of two colours of the style sheet's custom properties. */
function contrast(one: string, other: string): number {
  const light = (hex: string) =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, at) => {
      const value = Number.parseInt(hex.slice(1 + 2 * at, 3 + 2 * at), 16) / 255;
      return sum + weight * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    }, 0.05);
  return Math.max(light(one), light(other)) / Math.min(light(one), light(other));
}

describe('the start page', () => {
  test('shows three charts in both colour schemes, each with words for who cannot see it', () => {
    const html = page();
    for (const chart of ['liquidation-heatmap', 'margin-history', 'oracle-latency']) {
      expect(html).toMatch(
        new RegExp(`<img src="/v1/charts/${chart}\\.svg\\?theme=light[^>]*alt="[^"]{20,}"`),
      );
      expect(html).toMatch(
        new RegExp(`prefers-color-scheme: dark\\)" srcset="/v1/charts/${chart}\\.svg\\?theme=dark`),
      );
    }
    expect(html.match(/<img /g)).toHaveLength(3);
  });

  test('shows counts, the open-interest residual and that traders are synthetic', () => {
    const html = page();
    for (const fact of ['3,652', '26,525', '236', '54', '68 open, 99 accounts']) {
      expect(html).toContain(fact);
    }
    expect(html).toMatch(/Open-interest residual<\/dt>\s*<dd>\$0</);
    expect(html).toContain('<span class="badge">synthetic traders</span>');
    expect(html).toContain('block 3,651, 18 Aug 2023 03:39:04 UTC, final');
  });

  test('shows a residual that is not zero, and not in the colour of a proof', () => {
    const coverage = {
      positions: 1,
      notionalUsd: '1',
      protocolOpenInterestUsd: '1235.5',
      residualUsd: '1234.5',
      residualSkewRaw: '0',
      countedSides: 2,
      sides: 2,
    };
    const html = page(source({ provenance: sampleProvenance({ coverage }) }));
    expect(html).toMatch(/<div class=""><dt>Open-interest residual<\/dt>\s*<dd>\$1,234\.5</);
  });

  test('does not sell nothing against nothing as a proof', () => {
    const coverage = {
      positions: 0,
      notionalUsd: '0',
      protocolOpenInterestUsd: '0',
      residualUsd: '0',
      residualSkewRaw: '0',
      countedSides: 2,
      sides: 2,
    };
    const html = page(source({ provenance: sampleProvenance({ coverage }) }));
    expect(html).toMatch(/<div class=""><dt>Open-interest residual<\/dt>/);
    expect(page()).toMatch(/<div class="proof"><dt>Open-interest residual<\/dt>/);
  });

  test('does not call real traders synthetic', () => {
    const real = source({
      isSynthetic: false,
      provenance: sampleProvenance({ isSynthetic: false }),
    });
    expect(
      page(real)
        .replace(/href="[^"]*"/g, '')
        .toLowerCase()
        .includes('synthetic'),
    ).toBe(false);
  });

  test.each([
    ['FOLLOWING', {}, 'good', 'Following', '3 blocks behind the head of the chain.'],
    ['CATCHING_UP', {}, 'busy', 'Catching up', 'Reading the past of the chain.'],
    ['REBUILDING', {}, 'busy', 'Rebuilding', 'answers come from the ones before.'],
    ['STOPPED', {}, 'quiet', 'Stopped', 'was stopped at 1 Jan 2026 00:00:00 UTC.'],
    [
      'RETRYING',
      { fault: 'Too many requests.', failingSince: '2025-12-31T23:00:00.000Z' },
      'warn',
      'Retrying',
      'Trying again since 31 Dec 2025 23:00:00 UTC by itself. Too many requests.',
    ],
    [
      'FAILED',
      { fault: 'Too deep.\n  depth: 300\n  → Run the command.' },
      'bad',
      'Failed',
      'a person must look. Too deep (depth: 300). Run the command.',
    ],
    ['FOLLOWING', { isStale: true }, 'warn', 'Silent', 'It was following.'],
  ] as const)(
    'tells that an indexer is %s in words and colour',
    (state, over, tone, word, sentence) => {
      const indexer = {
        state,
        fault: null,
        failingSince: null,
        reportedAt: '2026-01-01T00:00:00.000Z',
        ageSeconds: 1,
        isStale: false,
        ...over,
      };
      const lag = { sourceHeight: 3_654, blocks: 3, seconds: null };
      const html = page(source({ isRecorded: false, indexer, lag }));
      const [card] = /<article[\s\S]*?<\/article>/.exec(html) ?? [''];
      expect(card).toContain(`class="chain ${tone}"`);
      expect(card).toContain(`<span class="state">${word}</span>`);
      expect(card).toContain(sentence);
      expect(card.includes('<progress')).toBe(['CATCHING_UP', 'RETRYING'].includes(state));
    },
  );

  test('shows how much of the chain is indexed, how final it is, and what was rolled back', () => {
    const html = page(
      source({
        isRecorded: false,
        indexer: {
          state: 'CATCHING_UP',
          fault: null,
          failingSince: null,
          reportedAt: '2026-01-01T00:00:00.000Z',
          ageSeconds: 1,
          isStale: false,
        },
        lag: { sourceHeight: 7_303, blocks: 3_652, seconds: 7_300 },
        finality: { safeBlock: 3_640, finalBlock: 3_600, safeDepth: 1, finalityDepth: 2 },
        rollbacks: {
          count: 2,
          deepest: 5,
          last: [{ toBlock: 1, depth: 1, reason: 'reorg', at: '2026-01-01T00:00:00.000Z' }],
        },
      }),
    );
    expect(html).toContain('value="50.0"');
    expect(html).toContain('block 3,651 of 7,303');
    expect(html).toContain('3,652 blocks, 2 h 1 min');
    expect(html).toContain('<dt>Final</dt><dd>to block 3,600</dd>');
    expect(html).toContain('2 times, at most 5 blocks; last 1 block at 1 Jan 2026 00:00:00 UTC');
    expect(page()).toContain('A recorded archive: it never changes.');
  });

  test('links five ready queries to GraphiQL', () => {
    const links = [...page().matchAll(/href="\/graphql\?query=([^"]+)"/g)];
    expect(links.map(([, query]) => decodeURIComponent(query!.replaceAll('&#39;', "'")))).toEqual(
      READY_QUERIES.map(({ query }) => query),
    );
    expect(links).toHaveLength(5);
  });

  test('gives chart URLs to copy that carry the host the reader used', () => {
    expect(page()).toContain(
      '&lt;img src=&quot;http://localhost:4000/v1/charts/liquidation-heatmap.svg?theme=auto&amp;w=1200&quot;',
    );
  });

  test('keeps markup in names as text', () => {
    const html = page(
      source({ description: '<img src=x onerror=alert(1)>' }),
      '"><script>x</script>',
    );
    expect(html).not.toContain('<script');
    expect(html).not.toContain('<img src=x');
    expect(html).toContain('&lt;script&gt;');
  });

  test('loads nothing from another host and runs nothing', () => {
    const html = page();
    expect(html).not.toMatch(/<script|<iframe|@import|url\(/);
    const loaded = [...html.matchAll(/\b(?:src|srcset)="([^"]*)"/g)].map(([, url]) => url);
    expect(loaded.length).toBeGreaterThan(9);
    for (const url of loaded) expect(url).toMatch(/^\/v1\/charts\//);
  });

  test('has one first heading and no heading that skips a level', () => {
    const levels = [...page().matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.slice(1).forEach((level, at) => {
      expect(level - levels[at]!).toBeLessThanOrEqual(1);
    });
  });

  test('says that the index is coming, without pictures, and asks again by itself', () => {
    const empty = page(null);
    expect(empty).toContain('Indexing…');
    expect(empty).toContain('the first blocks are on their way');
    const begun = startPage({
      facts: { sources: [source({ headBlock: null })], shown: null, markets: [] },
      queries: READY_QUERIES,
      origin: 'http://localhost:4000',
    });
    expect(begun).toContain('the first blocks of sample-archive are on their way');
    for (const html of [empty, begun]) {
      expect(html).not.toContain('<img');
      expect(html).toMatch(/<meta http-equiv="refresh" content="\d+">/);
    }
    expect(page()).not.toContain('http-equiv="refresh"');
  });

  test.each(['light', 'dark'])('has a text contrast of 4.5 or more in the %s scheme', (scheme) => {
    const blocks = START_PAGE_STYLE.match(/:root\{[^}]*\}/g)!;
    const block = blocks[scheme === 'light' ? 0 : 1]!;
    const colour = (name: string) => new RegExp(`--${name}:(#[0-9a-f]{6})`).exec(block)![1]!;
    for (const ink of ['text', 'muted', 'link', 'good', 'warn', 'bad']) {
      for (const ground of ['bg', 'sunk']) {
        expect(contrast(colour(ink), colour(ground)), `${ink} on ${ground}`).toBeGreaterThanOrEqual(
          4.5,
        );
      }
    }
    expect(contrast(colour('badge-text'), colour('badge'))).toBeGreaterThanOrEqual(4.5);
  });
});
