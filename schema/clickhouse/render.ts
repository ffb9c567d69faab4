import { UsageError } from '../errors.ts';
import { SHARDED_VIEWS, type ShardingExpression, shardingOf } from './render-sharding.ts';
import { type Token, TokenReader, tokensOf } from './render-tokens.ts';

/** Where a statement is going to run, when that is a cluster. */
export interface ClusterTarget {
  /** Name of the cluster in the servers' `remote_servers`. */
  readonly cluster: string;
  /** Database that unqualified names belong to. */
  readonly database: string;
}

/**
 * Rows of table `x` are in `x_local` of each shard, on every replica of it; `x` itself is the
 * Distributed table over them. By {uuid}, not by name: EXCHANGE TABLES and DROP + CREATE would
 * otherwise find the replica of another table at the path.
 */
const REPLICATED = "ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')";

/** De-duplication of inserts is off in a plain MergeTree, but on in a replicated one unless switched off. */
const PLAIN_WINDOW = 'non_replicated_deduplication_window';
const REPLICATED_WINDOW = 'replicated_deduplication_window';

/**
 * A statement as a cluster needs it: DDL for every host, rows in replicated tables, reads and
 * inserts through Distributed tables. Reads and inserts come back as they are.
 * @throws UsageError on a statement (or table, engine, action) that no rendering is known for.
 */
export function renderStatement(statement: string, target: ClusterTarget): readonly string[] {
  const tokens = tokensOf(statement);
  const reader = new TokenReader(tokens);
  const source: Source = { text: statement, tokens, reader, target };
  for (const [words, render] of RENDERINGS) if (reader.take(...words)) return render(source);
  return refuse(source, 'This kind of statement has no form for a cluster.');
}

/** Name as it stands in a statement. */
export function onCluster(cluster: string): string {
  return `ON CLUSTER '${cluster}'`;
}

/**
 * Where the rows of a table are, as a DELETE names them.
 * @example "bulkhead.commits_local ON CLUSTER 'main'"
 */
export function rowsOnCluster(table: string, target: ClusterTarget): string {
  const statement = renderStatement(`DELETE FROM ${table}`, target)[0] ?? '';
  return statement.slice('DELETE FROM '.length);
}

interface Source {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly reader: TokenReader;
  readonly target: ClusterTarget;
}

type Rendering = (source: Source) => readonly string[];

const RENDERINGS: readonly (readonly [readonly string[], Rendering])[] = [
  [['CREATE', 'TABLE'], createTable],
  [['CREATE', 'VIEW'], createView],
  [['CREATE', 'OR', 'REPLACE', 'VIEW'], createView],
  [['CREATE', 'DATABASE'], wholeDatabase],
  [['DROP', 'DATABASE'], wholeDatabase],
  [['DROP', 'TABLE'], dropBoth],
  [['DROP', 'VIEW'], dropBoth],
  [['ALTER', 'TABLE'], alterTable],
  [['DELETE', 'FROM'], rowsOnly],
  [['TRUNCATE', 'TABLE'], rowsOnly],
  [['OPTIMIZE', 'TABLE'], rowsOnly],
  [['EXCHANGE', 'TABLES'], exchangeTables],
  [['KILL', 'QUERY'], killEverywhere],
  [['KILL', 'MUTATION'], killEverywhere],
  [['SYSTEM', 'SYNC', 'REPLICA'], syncReplica],
  [['SELECT'], asItIs],
  [['WITH'], asItIs],
  [['INSERT', 'INTO'], asItIs],
  [['EXPLAIN'], asItIs],
];

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A name and where it stands in the statement. */
interface TableName {
  /** Of the statement, else of the connection: a host that works a DDL queue has neither. */
  readonly database: string;
  readonly table: string;
  readonly start: number;
  readonly end: number;
}

function asItIs({ text }: Source): readonly string[] {
  return [text];
}

function createTable(source: Source): readonly string[] {
  const { reader, target } = source;
  reader.take('IF', 'NOT', 'EXISTS');
  const name = readName(source);
  const sharding = placeOf(source, name);
  if (reader.take('AS')) return createTableAs(source, name, sharding);
  const engineAt = source.tokens.findIndex(
    (token) => token.depth === 0 && token.text.toUpperCase() === 'ENGINE',
  );
  const hasEquals = source.tokens[engineAt + 1]?.text === '=';
  const engine = source.tokens[engineAt + (hasEquals ? 2 : 1)];
  if (reader.next?.text !== '(' || engineAt < 0 || engine?.text !== 'MergeTree') {
    return refuse(source, 'On a cluster a table needs its columns and ENGINE = MergeTree.');
  }
  if (source.tokens[source.tokens.indexOf(engine) + 1]?.text === '(') {
    return refuse(source, 'On a cluster MergeTree takes no arguments.');
  }
  const local = [
    toLocal(name, target),
    { start: engine.start, end: engine.end, text: REPLICATED },
    ...withoutDeduplication(source),
  ];
  return [edited(source, local), distributed(name, sharding, target)];
}

/** Columns, engine and settings of another table of ours. */
function createTableAs(
  source: Source,
  name: TableName,
  sharding: ShardingExpression,
): readonly string[] {
  const model = readName(source);
  const isSpreadAlike = placeOf(source, model) === sharding;
  if (source.reader.next || !isSpreadAlike) {
    return refuse(source, 'A table AS another one is spread as that is, and takes nothing else.');
  }
  const modelEdit = { ...model, text: `${written(model)}_local` };
  return [
    edited(source, [toLocal(name, source.target), modelEdit]),
    distributed(name, sharding, source.target),
  ];
}

function createView(source: Source): readonly string[] {
  const { reader, target } = source;
  reader.take('IF', 'NOT', 'EXISTS');
  const name = readName(source);
  if (!reader.take('AS')) return refuse(source, 'A view is its name, AS and a query.');
  const sharding = Object.hasOwn(SHARDED_VIEWS, name.table) ? SHARDED_VIEWS[name.table] : null;
  const reads = readsOf(source);
  if (!sharding) {
    const tables = reads.map((read) => ({ ...read, text: written(read) }));
    return [edited(source, [toWhole(name, target), ...tables])];
  }
  if (!reads.every(({ table }) => shardingOf(table) === sharding)) {
    return refuse(source, 'A view of each shard may read only tables that are spread as it is.');
  }
  const locals = reads.map((read) => ({ ...read, text: `${written(read)}_local` }));
  return [edited(source, [toLocal(name, target), ...locals]), distributed(name, sharding, target)];
}

/** The tables that a query reads (not its subqueries). */
function readsOf(source: Source): TableName[] {
  return source.tokens.flatMap(({ text }, index) => {
    const next = source.tokens[index + 1];
    if (!/^(FROM|JOIN)$/i.test(text) || !next || !/^[a-z_]\w*$/i.test(next.text)) return [];
    const isQualified = source.tokens[index + 2]?.text === '.';
    const last = isQualified ? (source.tokens[index + 3] ?? next) : next;
    const database = isQualified ? next.text : source.target.database;
    return [{ database, table: last.text, start: next.start, end: last.end }];
  });
}

function wholeDatabase(source: Source): readonly string[] {
  source.reader.take('IF', 'NOT', 'EXISTS');
  source.reader.take('IF', 'EXISTS');
  const name = readName(source);
  const at = { start: name.end, end: name.end, text: ` ${onCluster(source.target.cluster)}` };
  return [edited(source, [at])];
}

function dropBoth(source: Source): readonly string[] {
  source.reader.take('IF', 'EXISTS');
  const name = readName(source);
  // It goes along with the table over it, whoever lists what there is.
  if (isSpread(name.table.replace(/_local$/, '')) && name.table.endsWith('_local')) return [];
  const both = edited(source, [toWhole(name, source.target)]);
  return isSpread(name.table) ? [both, edited(source, [toLocal(name, source.target)])] : [both];
}

function isSpread(table: string): boolean {
  return shardingOf(table) !== undefined || Object.hasOwn(SHARDED_VIEWS, table);
}

/** On every host: what a query runs on other hosts has ids of its own, and one that began it. */
function killEverywhere(source: Source): readonly string[] {
  const { cluster, database } = source.target;
  const [, kind] = source.tokens;
  const edits = source.tokens.flatMap(({ text, start, end }, index) => {
    if (text === 'query_id') return [{ start, end, text: 'initial_query_id' }];
    if (text !== 'currentDatabase') return [];
    return [{ start, end: source.tokens[index + 2]?.end ?? end, text: `'${database}'` }];
  });
  const at = kind?.end ?? 0;
  return [edited(source, [{ start: at, end: at, text: ` ${onCluster(cluster)}` }, ...edits])];
}

/** Until every replica of a table has what any of them has. */
function syncReplica(source: Source): readonly string[] {
  const name = readName(source);
  placeOf(source, name);
  const { cluster } = source.target;
  return [edited(source, [{ ...name, text: `${onCluster(cluster)} ${written(name)}_local` }])];
}

const COLUMN_ACTION = /^(ADD|MODIFY|DROP|RENAME|COMMENT|ALTER) COLUMN$/;
const ROWS_ACTION =
  /^(ADD|DROP|CLEAR|MATERIALIZE) (INDEX|PROJECTION|STATISTICS)$|^MATERIALIZE (COLUMN|TTL)$|^MODIFY (TTL|SETTING)$|^RESET SETTING$/;

/** Columns change in both tables; indexes, TTL and settings belong to where the rows are. */
function alterTable(source: Source): readonly string[] {
  const name = readName(source);
  placeOf(source, name);
  const kinds = actionsOf(source).map((action) => {
    if (COLUMN_ACTION.test(action)) return 'both';
    if (ROWS_ACTION.test(action)) return 'rows';
    return refuse(source, `ALTER TABLE ... ${action} has no form for a cluster.`);
  });
  const windows = replicatedWindows(source);
  const rows = edited(source, [toLocal(name, source.target), ...windows]);
  if (kinds.every((kind) => kind === 'rows')) return [rows];
  if (kinds.some((kind) => kind === 'rows')) {
    return refuse(source, 'Change columns and settings in two statements.');
  }
  return [rows, edited(source, [toWhole(name, source.target)])];
}

/** First two words of each action of an ALTER TABLE, in capitals. */
function actionsOf({ reader }: Source): string[] {
  const actions: string[] = [];
  let words: string[] = [];
  for (let token = reader.step(); token; token = reader.step()) {
    if (token.depth === 0 && token.text === ',') {
      actions.push(words.join(' '));
      words = [];
    } else if (words.length < 2) words.push(token.text.toUpperCase());
  }
  return [...actions, words.join(' ')];
}

function rowsOnly(source: Source): readonly string[] {
  source.reader.take('IF', 'EXISTS');
  const name = readName(source);
  placeOf(source, name);
  return [edited(source, [toLocal(name, source.target)])];
}

/** Only the rows change places: each Distributed table goes on reading the name it always read. */
function exchangeTables(source: Source): readonly string[] {
  const first = readName(source);
  if (!source.reader.take('AND')) return refuse(source, 'EXCHANGE TABLES takes a pair.');
  const second = readName(source);
  if (source.reader.next) return refuse(source, 'EXCHANGE TABLES takes one pair.');
  placeOf(source, first);
  placeOf(source, second);
  const firstEdit = { ...first, text: `${written(first)}_local` };
  return [edited(source, [firstEdit, toLocal(second, source.target)])];
}

function readName(source: Source): TableName {
  const first = source.reader.step();
  const isQualified = source.reader.take('.');
  const last = isQualified ? source.reader.step() : first;
  if (!first || !last || ![first, last].every(({ text }) => /^[a-z_][a-z0-9_]*$/i.test(text))) {
    return refuse(source, 'A name must be a plain word.');
  }
  if (source.reader.next?.text.toUpperCase() === 'ON') {
    return refuse(source, 'ON CLUSTER is added here; a statement must not bring its own.');
  }
  return {
    database: isQualified ? first.text : source.target.database,
    table: last.text,
    start: first.start,
    end: last.end,
  };
}

function written({ database, table }: TableName): string {
  return `${database}.${table}`;
}

function toLocal(name: TableName, target: ClusterTarget): Edit {
  return { ...name, text: `${written(name)}_local ${onCluster(target.cluster)}` };
}

function toWhole(name: TableName, target: ClusterTarget): Edit {
  return { ...name, text: `${written(name)} ${onCluster(target.cluster)}` };
}

function distributed(
  name: TableName,
  sharding: ShardingExpression,
  { cluster }: ClusterTarget,
): string {
  return `CREATE TABLE IF NOT EXISTS ${written(name)} ${onCluster(cluster)} AS ${written(name)}_local
ENGINE = Distributed('${cluster}', '${name.database}', '${name.table}_local', ${sharding})`;
}

function placeOf(source: Source, { table }: TableName): ShardingExpression {
  return (
    shardingOf(table) ?? refuse(source, `Nothing says on which shard the rows of ${table} live.`)
  );
}

/** Every replicated table states that its inserts are never de-duplicated. */
function withoutDeduplication(source: Source): readonly Edit[] {
  const windows = replicatedWindows(source);
  if (windows.length > 0) return windows;
  const settings = source.tokens.find(
    (token) => token.depth === 0 && token.text.toUpperCase() === 'SETTINGS',
  );
  const at = settings?.end ?? source.text.length;
  const text = settings ? ` ${REPLICATED_WINDOW} = 0,` : `\nSETTINGS ${REPLICATED_WINDOW} = 0`;
  return [{ start: at, end: at, text }];
}

function replicatedWindows({ tokens }: Source): Edit[] {
  return tokens
    .filter(({ text }) => text === PLAIN_WINDOW)
    .map(({ start, end }) => ({ start, end, text: REPLICATED_WINDOW }));
}

function edited({ text }: Source, edits: readonly Edit[]): string {
  const ordered = [...edits].sort((left, right) => left.start - right.start);
  let result = '';
  let at = 0;
  for (const edit of ordered) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

function refuse(source: Source, message: string): never {
  throw new UsageError(message, {
    facts: { cluster: source.target.cluster, statement: source.text.slice(0, 120) },
    remedy: 'Teach schema/clickhouse/render.ts or render-sharding.ts this form.',
  });
}
