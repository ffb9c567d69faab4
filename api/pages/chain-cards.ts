import { groupDigits, instantText } from '../charts/number-text.ts';
import type { SourceStatus } from '../queries/records.ts';
import { html, type Markup } from './page-markup.ts';

/** How a state looks: well, at work, worth a look, broken, or over. */
type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'quiet';

interface StateWords {
  readonly tone: Tone;
  /** One or two words, in the pill. */
  readonly word: string;
  /** What is going on, and since when and why where it is not well. */
  readonly sentence: string;
}

/** One card a chain: what its indexer does, how far it is, and how final its head. */
export function chainCards(sources: readonly SourceStatus[], shown: SourceStatus | null): Markup {
  return html`<section class="chains" aria-label="State of each chain">${sources.map((source) =>
    card(source, sources.length > 1, source.chainId === shown?.chainId),
  )}</section>`;
}

function card(source: SourceStatus, isOneOfMany: boolean, isShown: boolean): Markup {
  const { tone, word, sentence } = stateWords(source);
  const { chain, chainId } = source;
  const name =
    isOneOfMany && !isShown
      ? html`<a href="${`/?chain=${chainId}`}">${chain}</a>`
      : html`<span>${chain}</span>`;
  const isMarked = isOneOfMany && isShown;
  return html`<article class="${`chain ${tone}`}"${isMarked ? html` aria-current="true"` : html``}>
<h2>${name}<span class="state">${word}</span></h2>
<p>${sentence}</p>${progressBar(source)}
<dl>${facts(source).map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl></article>`;
}

export function stateWords(source: SourceStatus): StateWords {
  const { indexer, isRecorded } = source;
  if (indexer === null || (isRecorded && indexer.state === 'STOPPED')) {
    return isRecorded
      ? { tone: 'good', word: 'Recorded', sentence: 'A recorded archive: it never changes.' }
      : { tone: 'quiet', word: 'Not indexed', sentence: 'No indexer has reported on this chain.' };
  }
  const said = instantText(indexer.reportedAt);
  if (indexer.isStale) {
    return {
      tone: 'warn',
      word: 'Silent',
      sentence: `The indexer has not reported since ${said}. It was ${stateName(indexer.state)}.`,
    };
  }
  const why = indexer.fault === null ? '' : ` ${sentenceOf(indexer.fault)}`;
  const since = indexer.failingSince === null ? '' : ` since ${instantText(indexer.failingSince)}`;
  switch (indexer.state) {
    case 'FOLLOWING':
      return { tone: 'good', word: 'Following', sentence: followingSentence(source) };
    case 'CATCHING_UP':
      return { tone: 'busy', word: 'Catching up', sentence: 'Reading the past of the chain.' };
    case 'RETRYING':
      return {
        tone: 'warn',
        word: 'Retrying',
        sentence: `Trying again${since} by itself.${why}`,
      };
    case 'REBUILDING':
      return {
        tone: 'busy',
        word: 'Rebuilding',
        sentence: 'Making all facts again from the raw logs; answers come from the ones before.',
      };
    case 'STOPPED':
      return { tone: 'quiet', word: 'Stopped', sentence: `The indexer was stopped at ${said}.` };
    case 'FAILED':
      return {
        tone: 'bad',
        word: 'Failed',
        sentence: `The indexer ended at ${said}: a person must look.${why}`,
      };
  }
}

function followingSentence({ lag }: SourceStatus): string {
  const blocks = lag.blocks ?? 0;
  if (blocks === 0) return 'At the head of the chain.';
  return `${whole(blocks)} ${blocks === 1 ? 'block' : 'blocks'} behind the head of the chain.`;
}

/** @example stateName('CATCHING_UP') // 'catching up' */
function stateName(state: string): string {
  return state.toLowerCase().replaceAll('_', ' ');
}

/** Longest fault that a card quotes: what happened comes first in it. */
const FAULT_LENGTH = 300;

/** A fault as an indexer tells it (a sentence, facts below it, what to do) in one line. */
function sentenceOf(fault: string): string {
  const [first = '', ...rest] = fault
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const facts = rest.filter((line) => !line.startsWith('→')).join(', ');
  const remedy = rest.find((line) => line.startsWith('→'))?.slice(1) ?? '';
  const what = facts === '' ? first : `${first.replace(/[.]$/, '')} (${facts}).`;
  const line = `${what}${remedy}`;
  const cut = line.length > FAULT_LENGTH ? `${line.slice(0, FAULT_LENGTH)}…` : line;
  return /[.!?…]$/.test(cut) ? cut : `${cut}.`;
}

function progressBar(source: SourceStatus): Markup {
  const share = progress(source);
  if (share === null) return html``;
  const percent = (Math.floor(share * 1000) / 10).toFixed(1);
  return html`<div class="progress"><progress max="100" value="${percent}" aria-label="Indexed">${percent} %</progress>
<span>${percent} %</span></div>`;
}

/** Share of the blocks from the first to the height of the source; null when it is not catching up. */
function progress({ firstBlock, headBlock, lag, indexer }: SourceStatus): number | null {
  const isBehind = indexer?.state === 'CATCHING_UP' || indexer?.state === 'RETRYING';
  if (!isBehind || lag.sourceHeight === null || (lag.blocks ?? 0) === 0) return null;
  const all = lag.sourceHeight - firstBlock + 1;
  const done = headBlock === null ? 0 : headBlock - firstBlock + 1;
  return all <= 0 ? null : Math.min(1, Math.max(0, done / all));
}

function facts(source: SourceStatus): [string, string][] {
  const { lag } = source;
  const rows: [string, string][] = [['Head', headText(source)]];
  // At the head the sentence says it.
  if (lag.blocks !== null && lag.blocks > 0 && source.indexer?.state !== 'FOLLOWING') {
    const time = lag.seconds === null ? '' : `, ${durationText(lag.seconds)}`;
    rows.push(['Behind', `${blocksText(lag.blocks)}${time}`]);
  }
  if (source.headBlock !== null) rows.push(['Final', finalText(source, source.headBlock)]);
  if (source.indexer !== null) rows.push(['Rolled back', rollbackText(source)]);
  return rows;
}

function headText({ headBlock, headTime, lag }: SourceStatus): string {
  if (headBlock === null || headTime === null) return 'nothing indexed yet';
  const isBehind = lag.sourceHeight !== null && lag.sourceHeight > headBlock;
  const height = isBehind ? ` of ${whole(lag.sourceHeight ?? 0)}` : '';
  return `block ${whole(headBlock)}${height}, ${instantText(headTime)}`;
}

function finalText({ finality: { finalBlock } }: SourceStatus, headBlock: number): string {
  if (finalBlock === null) return 'nothing known to be';
  return finalBlock >= headBlock ? 'all of it' : `to block ${whole(finalBlock)}`;
}

function rollbackText({ rollbacks: { count, deepest, last } }: SourceStatus): string {
  const [latest] = last;
  if (!latest) return 'never';
  const at = instantText(latest.at);
  if (count === 1) return `once, ${blocksText(latest.depth)} at ${at}`;
  return `${whole(count)} times, at most ${blocksText(deepest)}; last ${blocksText(latest.depth)} at ${at}`;
}

function blocksText(blocks: number): string {
  return `${whole(blocks)} ${blocks === 1 ? 'block' : 'blocks'}`;
}

/** @example durationText(7_300) // '2 h 1 min' */
function durationText(seconds: number): string {
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(seconds / unit));
  if (days) return `${whole(days)} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
  if (hours) return `${hours} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return minutes ? `${minutes} min` : `${Math.round(seconds)} s`;
}

function whole(value: number): string {
  return groupDigits(String(value));
}
