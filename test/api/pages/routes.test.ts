import { expect, test } from 'vitest';
import { handleChart } from '../../../api/charts/routes.ts';
import { createContext } from '../../../api/context.ts';
import { handlePage } from '../../../api/pages/routes.ts';
import { openEmptyStore } from '../crash-store.ts';

test('an empty store answers charts with 503 and the page with patience', async () => {
  const empty = await openEmptyStore();
  try {
    const context = createContext(empty.database);
    const request = new Request('http://localhost:4000/v1/charts/oracle-latency.svg');
    const drawn = await handleChart(request, context);
    expect([drawn?.status, drawn?.headers.get('retry-after')]).toEqual([503, '5']);
    const page = await handlePage(new Request('http://localhost:4000/'), context);
    expect(await page?.text()).toContain('Indexing…');
  } finally {
    await empty.close();
  }
});
