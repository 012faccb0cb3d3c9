// Where the rows of a run came from and where they went: drawn on its page, each stop leading to what it is.
import type { APIRequestContext } from '@playwright/test';
import { ALL_MEASURED, look } from './looks';
import { words } from './pdf';
import { HEADER } from './sales';
import { expect, test } from './test';

const plain = (text: string) => text.replace(/\s+/g, '');

/** Forty rows, of which eight are exceptions; keys begin with `prefix`. */
function file(prefix: string, price = 10): string {
  const rows = [`${HEADER},remark`];
  for (let i = 1; i <= 40; i++) {
    const region = i % 5 === 0 ? 'Atlantis' : ['North', 'South', 'East', 'West'][i % 4];
    rows.push(`${prefix}-${i},2026-01-${String(1 + (i % 28)).padStart(2, '0')},${region},Milk 1L,2,${price * i}.50,x`);
  }
  return `${rows.join('\n')}\n`;
}

async function run(request: APIRequestContext, query: string, data: string) {
  const sent = await request.post(`/api/v1/runs?workspace=flow&${query}`, { data, headers: { 'content-type': 'text/csv' } });
  expect(sent.status(), await sent.text()).toBe(202);
  const { id } = await sent.json();
  const now = async () => (await request.get(`/api/v1/runs/${id}?workspace=flow`)).json();
  await expect.poll(async () => (await now()).status, { timeout: 60_000 }).not.toBe('running');
  return now();
}

test('a run is drawn from its file to the ledger and back, with what became of its exceptions', async ({ page, request }) => {
  test.setTimeout(300_000);
  const first = await run(request, 'filename=january.csv', file('flow-a'));
  const second = await run(request, 'filename=orders of the second and third week of January from all shops.csv', file('flow-b'));
  const act = (id: string, record: number, what: string, body: object) =>
    request.post(`/api/v1/runs/${id}/exceptions/${record}/${what}?workspace=flow`, { data: { version: 1, ...body } });
  const corrected = await act(first.id, 5, 'corrections', { cells: { region: 'North' }, reason: 'the shop is in Delhi' });
  expect(corrected.status(), await corrected.text()).toBe(200);
  const rejected = await act(first.id, 10, 'rejections', { reason: 'a test order' });
  expect(rejected.status(), await rejected.text()).toBe(200);
  // A fixed export with rows of two runs is a correction of both.
  const csv = async (id: string) => (await (await request.get(`/api/v1/runs/${id}/exceptions.csv?workspace=flow`)).text()).trimEnd().split('\n');
  const [header, ...rows] = await csv(first.id);
  const [, ...others] = await csv(second.id);
  const mended = [header, ...rows.slice(2, 5), ...others.slice(0, 2)].map((it) => it.replace('Atlantis', 'South'));
  const fixed = await run(request, 'filename=fixed.csv', `${mended.join('\n')}\n`);
  expect(fixed.kind).toBe('correction');

  await page.goto(`/w/flow/runs/${first.id}`);
  const flow = page.locator('.flow');
  await expect(page.getByRole('heading', { name: 'From the file to the ledger, and back' })).toBeVisible();
  await expect(flow).toMatchAriaSnapshot(`
    - list:
      - listitem:
        - heading "File"
        - paragraph:
          - link "january.csv"
      - listitem:
        - paragraph: 40 rows read
        - heading "Contract"
        - paragraph:
          - link "sales, version 1.0.0"
      - listitem:
        - list:
          - listitem:
            - paragraph: 32 rows accepted
            - heading "Ledger"
            - paragraph:
              - link "32 rows of it count"
          - listitem:
            - paragraph: 8 exceptions
            - heading "Exceptions"
            - paragraph:
              - link "8 rows"
            - list:
              - listitem:
                - paragraph: 3 rows open
                - paragraph:
                  - link "3 rows"
              - listitem:
                - paragraph: 3 rows entered later
                - paragraph:
                  - link "fixed.csv"
              - listitem:
                - paragraph: 1 row entered later
              - listitem:
                - paragraph: 1 row left out
  `);
  await look(page, 'run-lineage', ALL_MEASURED);

  // Each stop leads to what it is, and those lead back.
  await page.setViewportSize({ width: 1280, height: 900 });
  await flow.getByRole('link', { name: '32 rows of it count' }).click();
  await expect(page.getByText('flow-a-1', { exact: true })).toBeVisible();
  await page.goBack();
  await flow.getByRole('link', { name: 'fixed.csv' }).click();
  await expect(page.getByRole('heading', { name: 'fixed.csv' })).toBeVisible();
  await expect(flow.getByText('5 rows put right')).toBeVisible();
  await look(page, 'run-lineage-correction');
  await page.setViewportSize({ width: 1280, height: 900 });
  await flow.getByRole('link', { name: 'january.csv' }).click();
  await expect(page.getByRole('heading', { name: 'january.csv' })).toBeVisible();
  await flow.getByRole('link', { name: '8 rows', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Exceptions' })).toBeVisible();

  // A file that takes the place of another is told on both sides.
  const later = await run(request, `filename=mended.csv&replaces=${second.id}`, file('flow-b', 12));
  await page.goto(`/w/flow/runs/${later.id}`);
  await expect(flow.locator('.flow-step').first()).toContainText('Earlier file');
  await look(page, 'run-lineage-replacing');
  await page.setViewportSize({ width: 360, height: 900 });
  await flow.getByRole('link', { name: /^orders of the second/ }).click();
  await expect(flow).toContainText('it was withdrawn');
  await expect(flow.getByRole('link', { name: 'mended.csv' })).toBeVisible();

  const printed = words(await page.pdf({ preferCSSPageSize: true, path: 'results/pages/run-lineage.pdf' }));
  const report = plain(printed.join(''));
  for (const text of ['40 rows read', '32 rows accepted', 'Later file', 'mended.csv', 'read as an amount, in whole paise']) {
    expect(report, text).toContain(plain(text));
  }
});

test('a file that is held, and one that cannot be read, are drawn as far as they came', async ({ page, request }) => {
  const held = await run(request, 'filename=held.csv&admission=after-confirmation', file('flow-h'));
  await page.goto(`/w/flow/runs/${held.id}`);
  await expect(page.locator('.flow')).toContainText('None of its rows is there until it is let in');
  const none = await run(request, 'filename=none.csv', 'no,such,columns\n1,2,3\n');
  await page.goto(`/w/flow/runs/${none.id}`);
  await expect(page.locator('.flow')).toContainText('0 rows read');
  await expect(page.locator('.flow')).not.toContainText('Ledger');
  await look(page, 'run-lineage-none');
});
