import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReplayServer } from '../../../indexer/replay/replay-server.ts';
import { MAX_BODY_BYTES } from '../../../indexer/replay/request-body.ts';
import { allLogs, connect, startSmallChain } from './small-chain.ts';

let server: ReplayServer;
let url: string;

beforeAll(async () => {
  ({ server, url } = await startSmallChain());
});
afterAll(() => server.close());

async function post(path: string, body: string | Uint8Array<ArrayBuffer>) {
  const response = await fetch(`${url}${path}`, { method: 'POST', body });
  return { status: response.status, text: await response.text() };
}

describe('a bad query body is refused with 400 and a reason', () => {
  it.each([
    ['', /not JSON/],
    ['{"from_block":', /not JSON/],
    ['[]', /not a query/],
    ['{}', /from_block/],
    ['{"from_block":-1}', /from_block/],
    ['{"from_block":1e400}', /from_block/],
    ['{"from_block":0,"logs":[{"address":["0x12"]}]}', /expected 20 bytes[\s\S]*logs\[0\]/],
    ['{"from_block":0,"logs":[{"topics":[[],[],[],[],[]]}]}', /topics/],
    ['{"from_block":0,"join_mode":"Sideways"}', /join_mode/],
    ['{"from_block":0,"field_selection":{"log":"data"}}', /field_selection/],
  ])('%j', async (body, reason) => {
    const answer = await post('/query/arrow-ipc', body);
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(reason);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a truncated word', Buffer.from([0xff, 1, 2])],
    ['a run that is not there', Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 9])],
    ['a segment that is not there', Buffer.from([0x10, 9, 0xff, 1, 1, 1, 1, 1, 1, 1, 1, 0])],
    ['zeros without end', Buffer.concat(Array.from({ length: 9000 }, () => Buffer.from([0, 255])))],
  ])("%s as Cap'n Proto", async (_name, body) => {
    const answer = await post('/query/arrow-ipc/capnp', body);
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(/not a packed request/);
  });

  it('a body above 1 MiB', async () => {
    const answer = await post('/query/arrow-ipc', Buffer.alloc(MAX_BODY_BYTES + 1, 0x20));
    expect(answer).toEqual({
      status: 400,
      text: `request body is larger than ${MAX_BODY_BYTES} bytes`,
    });
  });

  it('a body without end', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sending = request(`${url}/query/arrow-ipc`, { method: 'POST' }, (response) => {
        resolve(response.statusCode);
        sending.destroy();
      });
      sending.on('error', reject);
      const chunk = Buffer.alloc(64 * 1024, 0x20);
      const send = () => {
        if (!sending.destroyed) sending.write(chunk, () => setImmediate(send));
      };
      send();
    });
    expect(status).toBe(400);
  });
});

describe('a path that is not served', () => {
  it('is answered 404, and the control path is one unless it is switched on', async () => {
    expect((await post('/_control', '{"height":1}')).status).toBe(404);
    expect((await post('/query', '{"from_block":0}')).status).toBe(404);
    expect((await fetch(`${url}/query/arrow-ipc`)).status).toBe(404);
    expect((await fetch(`${url}/`)).status).toBe(404);
  });
});

it('goes on serving after all of that', async () => {
  await post('/query/arrow-ipc', 'no');
  expect((await connect(url).get(allLogs())).nextBlock).toBe(161);
});

it('tells when its port is taken', async () => {
  const late = await startSmallChain();
  await late.server.close();
  const port = Number(new URL(url).port);
  await expect(late.server.listen(port)).rejects.toMatchObject({
    name: 'OperatorError',
    facts: { port, reason: 'EADDRINUSE' },
  });
});
