import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import { runCli, temporaryFolder } from '../e2e/run-cli.ts';
import { keepingLogger, type OpenStore, openFolder, rawAskOf } from './crash-store.ts';
import {
  argumentsOf,
  CHOOSE_ROWS,
  otherArguments,
  type Question,
  questionsOf,
  rootFields,
  type Subject,
  textOf,
} from './every-answer.ts';

const GMX = '42161:gmx-v2';
const SYNTHETIX = '31337:synthetix-v2';
const BTC_MARKET = '0xc351628eb244ec633d5f21fbd6621e1a683b1181';

interface Venue {
  readonly archive: string;
  readonly subject: Subject;
  /** Heads on the way, and blocks below each that are asked about too. */
  readonly heads: readonly { readonly head: number; readonly below: readonly number[] }[];
  readonly end: number;
}

const VENUES: readonly Venue[] = [
  {
    archive: 'gmx-v2-crash-2023-08-17',
    // The first liquidations are in 2370 and 2375.
    heads: [{ head: 2_375, below: [2_370] }],
    end: 2_450,
    subject: {
      chainId: 42_161,
      venue: 'gmx-v2',
      markets: [
        `"${GMX}:0x28b77f5759010d35913196cabd4afec8403f53be"`,
        `"${GMX}:0xd59e611a5e6850938d72f3b771f404e2a4e63b51"`,
      ],
      account: '"0x110cd404b92954318246417846fdc91d65c74cdb"',
      positions: [
        `"${GMX}:0xbde59da39742d4134abc88e76ba2b15a20a43f8111a7b922274a475256703f0c"`,
        `"${GMX}:0x97fdebe814b31abd1f0e3f0640a447e53f8f14bdcd6b57c6515c324bb598caf6"`,
      ],
      liquidation: `"${GMX}:2370:25"`,
      feeds: [
        `"${GMX}:0xb7f8bc63bbcad18155201308c8f3540b07f84f5e"`,
        `"${GMX}:0x959922be3caee4b8cd9a407cc3ac1c251c2007b1"`,
        `"${GMX}:0x843128376c05c51cba454c93ea0c254a8b22b786"`,
      ],
      collateralToken: '"0x68b1d87f95878fe05b998f19b66f4baba5de1aed"',
      window: ['2023-08-16T00:00:00Z', '2023-08-17T15:35:00Z'],
    },
  },
  {
    archive: 'synthetix-v2-crash-2023-08-17',
    // Two liquidations.
    heads: [{ head: 947, below: [913] }],
    end: 1_100,
    subject: {
      chainId: 31_337,
      venue: 'synthetix-v2',
      markets: [
        `"${SYNTHETIX}:${BTC_MARKET}"`,
        `"${SYNTHETIX}:0xfd471836031dc5108809d173a067e8486b9047a3"`,
      ],
      account: '"0x40fc963a729c542424cd800349a7e4ecc4896624"',
      positions: [
        `"${SYNTHETIX}:${BTC_MARKET}40fc963a729c542424cd800349a7e4ecc4896624"`,
        `"${SYNTHETIX}:${BTC_MARKET}344dca30f5c5f74f2f13dc1d48ad3a9069d13ad9"`,
      ],
      liquidation: `"${SYNTHETIX}:913:4"`,
      feeds: [
        '"31337:chainlink:0xbfc65125c25f5f3b81451f0b6db9175f0a5b4015"',
        '"31337:pyth:0xbadc9b1e704ca24d848b773e69eccc1bb23c3d5d1b6b8b26f9c4d83462c67e70"',
        '"31337:chainlink:0x9afb25949cd6684e0fc7084681cdab1a87d23af0"',
      ],
      collateralToken: '"0x0000000000000000000000000000000000000000"',
      window: ['2023-08-15T06:00:00Z', '2023-08-16T12:00:00Z'],
    },
  },
];

const LAYERS = '[PROSPECTIVE, CREATED, MOVED_IN, MOVED_OUT, CLOSED, LIQUIDATED, DRIFT, REALIZED]';

/**
 * Times that are in the future at the first heads, and in the past at the last; and answers from the
 * ledger of levels.
 */
function lateQuestions({ markets: [market], positions: [position] }: Subject): Question[] {
  const window = '(sampling: GRID, interval: "PT2H", to: "2023-08-18T00:00:00Z", maxPoints: 50)';
  const to = '"2023-08-18T00:00:00Z"';
  return [
    { root: 'position', args: { id: position }, inside: { marginHistory: window } },
    { root: 'liquidationHeatmap', args: { market, to, step: '"PT2H"' } },
    { root: 'liquidationHeatmap', args: { market, to, layers: LAYERS, levels: 'LEDGER' } },
    { root: 'liquidationMap', args: { market, levels: 'LEDGER' } },
    { root: 'oracleLatency', args: { market, to, groupBy: 'HOUR', metrics: '[DELIVERY_DELAY]' } },
  ];
}

/** Where two texts part, to read in a failed test. */
function parting(left: string, right: string): string {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  return `${left.slice(Math.max(0, at - 60), at + 40)} ≠ ${right.slice(at, at + 40)}`;
}

function named({ root, args, inside }: Question): string {
  return `${root} ${JSON.stringify({ ...args, ...inside })}`;
}

interface Provenanced {
  readonly provenance?: { readonly digest: string };
}

/** Every object of an answer that says where it comes from, by its digest; without answers inside it. */
function digestsIn(value: unknown, found: [string, string][] = []): [string, string][] {
  if (value === null || typeof value !== 'object') return found;
  const { provenance } = value as Provenanced;
  const isOther = (inner: unknown) =>
    inner !== value && inner !== null && typeof inner === 'object' && 'provenance' in inner;
  if (provenance) {
    const own = JSON.stringify(value, (_name, inner) => (isOther(inner) ? undefined : inner));
    found.push([provenance.digest, own]);
  }
  for (const inner of Object.values(value)) digestsIn(inner, found);
  return found;
}

const folder = temporaryFolder('at-block');
const logger = keepingLogger();
let store: OpenStore | null = null;

async function reopen(): Promise<ReturnType<typeof rawAskOf>> {
  store ??= await openFolder({ path: folder.path, remove: () => undefined });
  return rawAskOf(createApi({ database: store.database, logger }));
}

async function close(): Promise<void> {
  await store?.close();
  store = null;
}

async function index(archive: string, to: number): Promise<void> {
  await close();
  const args = ['--archive', `archives/${archive}`, '--to', String(to), '--data', folder.path];
  const result = await runCli(['index', ...args]);
  expect(result.code, result.stderr).toBe(0);
}

afterAll(async () => {
  await close();
  folder.remove();
});

describe.each(VENUES)('an answer at a block of $archive', ({ archive, subject, heads, end }) => {
  const questions = [...questionsOf(subject), ...lateQuestions(subject)];
  /** What was answered, by text of the question, when the head was there or just above. */
  const before = new Map<string, string>();

  it.each(heads)(
    'is the same with or without saying that the head is $head',
    async (at) => {
      await index(archive, at.head);
      const ask = await reopen();
      const faults: string[] = [];
      for (const question of questions) {
        for (const block of [at.head, ...at.below]) {
          const text = textOf(question, block);
          before.set(text, await ask(text));
        }
        const [given, left] = [textOf(question, at.head), textOf(question, null)];
        const answers = [before.get(given) ?? '', await ask(left)] as const;
        if (answers[0] !== answers[1]) faults.push(`${named(question)}: ${parting(...answers)}`);
      }
      expect(faults).toEqual([]);
      expect(logger.lines.map(({ fields }) => String(fields['err']))).toEqual([]);
    },
    120_000,
  );

  it('is the same when more is indexed', async () => {
    await index(archive, end);
    const ask = await reopen();
    const faults: string[] = [];
    const blocks = heads.flatMap(({ head, below }) => [head, ...below]);
    for (const question of questions) {
      for (const block of blocks) {
        const text = textOf(question, block);
        const [answer, again] = [before.get(text) ?? 'not asked', await ask(text)];
        if (again !== answer) {
          faults.push(`${named(question)} at ${block}: ${parting(answer, again)}`);
        }
      }
    }
    expect(faults).toEqual([]);
  }, 120_000);

  it('has no errors once the market lives', () => {
    const last = heads.at(-1)?.head ?? 0;
    const answers = questions.map((question) => before.get(textOf(question, last)) ?? 'not asked');
    const failed = answers.filter(
      (one) => !one.startsWith('{"data":{') || one.includes('"errors"'),
    );
    expect(failed).toEqual([]);
  });

  it('is refused with a code above the head and before the first block', async () => {
    const ask = await reopen();
    for (const question of questions) {
      for (const block of [end + 1, 2 ** 31 - 1, -1]) {
        const answer = await ask(textOf(question, block));
        expect(answer).toContain('"code":"BLOCK_OUT_OF_RANGE"');
        expect(answer).toContain(`"firstBlock":0,"headBlock":${end}`);
      }
    }
  });
});

describe('a digest', () => {
  const [{ subject, heads }] = VENUES as [Venue, Venue];
  const atBlock = heads.at(-1)?.head ?? 0;
  const others = otherArguments(subject);
  const questions = questionsOf(subject);

  /** The answer inside that a question is about, as 'Position.marginAt'; else its root field. */
  function pathOf({ root, inside }: Question): string {
    const [field] = Object.keys(inside ?? {}).filter((name) => name.startsWith('margin'));
    return field ? `Position.${field}` : root;
  }

  function digestOf(answer: string, path: string): string {
    const { data } = JSON.parse(answer) as { data: { position?: Record<string, unknown> } };
    const [, field] = path.split('.');
    const [first] = digestsIn(field ? data.position?.[field] : data);
    expect(first, answer.slice(0, 400)).toBeDefined();
    return first?.[0] ?? '';
  }

  it('is asked for of every field, with another value for every argument', () => {
    const paths = rootFields().map(({ name }) => name);
    for (const path of [...paths, 'Position.marginHistory', 'Position.marginAt']) {
      const isAsked = questions.some(({ root }) => root === path) || path.includes('.');
      expect(isAsked, `add ${path} to test/api/every-answer.ts`).toBe(true);
      const missing = argumentsOf(path)
        .map(({ name }) => name)
        .filter((name) => others[path]?.[name] === undefined)
        .filter((name) => !CHOOSE_ROWS.includes(name) && !CHOOSE_ROWS.includes(`${path}.${name}`));
      expect(missing, `add the arguments of ${path} to test/api/every-answer.ts`).toEqual([]);
    }
  });

  /** Answers of this process, by question. */
  const answers = new Map<string, string>();

  it('is another one whenever an argument or the block is another one', async () => {
    const ask = await reopen();
    const answerTo = async (question: Question, block: number): Promise<string> => {
      const text = textOf(question, block);
      const answer = answers.get(text) ?? (await ask(text));
      answers.set(text, answer);
      return answer;
    };
    const same: string[] = [];
    for (const question of questions) {
      const path = pathOf(question);
      const first = digestOf(await answerTo(question, atBlock), path);
      const earlier = digestOf(await answerTo(question, atBlock - 1), path);
      if (earlier === first) same.push(`${path} at another block`);
      for (const [name, value] of Object.entries(others[path] ?? {})) {
        const [, field] = path.split('.');
        const changed = field
          ? { ...question, inside: { [field]: `(${name}: ${value})` } }
          : { ...question, args: { ...question.args, [name]: value } };
        const digest = digestOf(await answerTo(changed, atBlock), path);
        if (digest === first) same.push(`${path}(${name}: ${value})`);
      }
    }
    expect(same).toEqual([]);
  }, 120_000);

  it('is that of the same bytes', () => {
    const bytes = new Map<string, string>();
    for (const [text, answer] of answers) {
      const { data } = JSON.parse(answer) as { data: unknown };
      for (const [digest, json] of digestsIn(data)) {
        // An answer inside another is asked for in one question and left out in others.
        const key = `${digest} ${Object.keys(JSON.parse(json) as object).join()}`;
        expect(json, text).toBe(bytes.get(key) ?? json);
        bytes.set(key, json);
      }
    }
    expect(bytes.size).toBeGreaterThan(answers.size);
  });

  it('is that of the same bytes in another process', async () => {
    await close();
    const texts = questions.map((question) => textOf(question, atBlock));
    const script = fileURLToPath(new URL('./print-answers.ts', import.meta.url));
    const given = ['--import', 'tsx', script, folder.path, JSON.stringify(texts)];
    const { stdout } = await promisify(execFile)(process.execPath, given);
    const hashes = stdout.trim().split('\n');
    const differing = texts.filter(
      (text, at) =>
        createHash('sha256')
          .update(answers.get(text) ?? '')
          .digest('hex') !== hashes[at],
    );
    expect(differing).toEqual([]);
  }, 120_000);
});
