import type { APIRequestContext, Page } from '@playwright/test';
import { look } from './looks';
import { HEADER } from './sales';
import { expect, test } from './test';

/** Hands the rows in; the address of their run, once it is complete. */
async function send(request: APIRequestContext, workspace: string, name: string, rows: string[]) {
  const sent = await request.post(`/api/v1/runs?filename=${name}.csv&workspace=${workspace}`, {
    data: [HEADER, ...rows, ''].join('\n'),
    headers: { 'content-type': 'text/csv' },
  });
  expect(sent.status(), await sent.text()).toBe(202);
  const { id } = await sent.json();
  const status = async () => (await (await request.get(`/api/v1/runs/${id}?workspace=${workspace}`)).json()).status;
  await expect.poll(status).toBe('complete');
  return `/w/${workspace}/runs/${id}`;
}

/** What is done with one exception, by the form whose button is called so. */
const form = (page: Page, button: string) => page.locator('form').filter({ has: page.getByRole('button', { name: button, exact: true }) });

test('a row is judged while it is put right, and is in the ledger when it is saved', async ({ page, request }) => {
  const sound = Array.from({ length: 8 }, (_, at) => `LIFE-${at},2026-01-15,North,Milk 1L,1,10.00`);
  const data = [HEADER, ...sound, 'LIFE-9,2026-01-15,,Milk 1L,1,20.00', ''].join('\n');
  const sent = await request.post('/api/v1/runs?filename=life.csv&workspace=life', {
    data,
    headers: { 'content-type': 'text/csv' },
  });
  expect(sent.status()).toBe(202);
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=life`)).json();
  await expect.poll(async () => (await run()).status).toBe('complete');

  await page.goto(`/w/life/runs/${id}`);
  await page.getByRole('region', { name: 'Rows with findings' }).getByRole('link', { name: '10', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Exception 9' })).toBeVisible();
  await expect(page.getByText('Nothing was done yet.')).toBeVisible();

  const region = page.getByLabel('region', { exact: true });
  const judged = page.getByRole('status').filter({ hasText: /./ });
  await region.fill('Nowhere');
  await expect(judged).toContainText('"Nowhere"');
  await region.fill('East');
  await expect(judged).toContainText('As it stands, it passes.');
  await page.getByRole('button', { name: 'Judge and save' }).click();
  await expect(page.getByText('Corrected, in the ledger')).toBeVisible();

  await page.getByRole('link', { name: 'this run' }).click();
  await expect(page.getByText(/1 \(₹[\d.,]+\) entered the ledger later/)).toBeVisible();
  const { exceptions } = await run();
  expect([exceptions.open.rows, exceptions.entered.rows, exceptions.rejected.rows]).toEqual([0, 1, 0]);
});

test('a repeated key is settled: by the other row, by this one, or by another key', async ({ page, request }) => {
  test.setTimeout(300_000);
  const row = (key: string, money: string, region = 'North') => `${key},2026-01-15,${region},Milk 1L,1,${money}`;
  const keys = Array.from({ length: 8 }, (_, at) => `KEY-${at}`);
  const first = await send(request, 'keys', 'first', keys.map((it) => row(it, '10.00')));
  // Two keys of the ledger, one that the file has twice, and what can be let in.
  const again = await send(request, 'keys', 'again', [
    row('KEY-1', '21.00', 'West'),
    row('KEY-2', '22.00', 'West'),
    row('NEW-1', '23.00'),
    row('NEW-1', '24.00'),
    row('NEW-2', '-25.00'),
    ...['NEW-3', 'NEW-4', 'NEW-5'].map((it) => row(it, '10.00')),
  ]);
  const one = async (record: number) => {
    await page.goto(`${again}/exceptions/${record}`);
    await expect(page.locator('.frame')).toHaveClass(/awake/);
  };
  const history = page.getByRole('region', { name: 'History' }).getByRole('listitem');
  const settle = async (choice: string) => {
    await form(page, 'Settle').getByRole('radio', { name: choice }).check();
    await form(page, 'Settle').getByLabel('Why the key is settled so').fill('the shop told us');
    await page.getByRole('button', { name: 'Settle' }).click();
  };
  const stands = (words: string) => expect(page.locator('.run-facts .state')).toHaveText(words);

  // The other row keeps it, and counts as it did.
  await one(1);
  await expect(page.getByRole('group', { name: "Its key is another row's, too" })).toBeVisible();
  await look(page, 'exception-repeated');
  await settle('The other row keeps it; this one is left out');
  await stands('Rejected');
  await expect(history.first()).toContainText('The key stays with the other row');
  await expect(history.first()).toContainText('the shop told us');
  await page.goto(`${first}/rows/2`);
  await expect(page.getByText(/Counts.*line 3 of/)).toBeVisible();

  // This one takes its place, and the other one counts no more.
  await one(2);
  await settle("This row takes the other's place");
  await stands('Resolved, in the ledger');
  await expect(history.first()).toContainText("The key is this row's: it is in the ledger");
  await page.goto('/w/keys/rows?key=KEY-2');
  const rows = page.getByRole('region', { name: 'Rows of the ledger' }).getByRole('row');
  await expect(rows).toHaveCount(2);
  await expect(rows.last()).toContainText('₹22.00');
  await page.goto(`${first}/rows/3`);
  await expect(page.getByText(/Counts.*line 4 of/)).toHaveCount(0);

  // It is given another one.
  await one(4);
  await expect(page.getByRole('group', { name: "Its key is another row's, too" })).toBeVisible();
  await page.getByLabel('order_id', { exact: true }).fill('NEW-9');
  await page.getByRole('button', { name: 'Judge and save' }).click();
  await stands('Corrected, in the ledger');
  await page.goto('/w/keys/rows?key=NEW-9');
  await expect(rows.last()).toContainText('₹24.00');

  // Let in as it is, opened again, left out.
  await one(5);
  const act = async (button: string, asks: string) => {
    await form(page, button).getByLabel(asks).fill('a refund that the shop has agreed with the customer by telephone');
    await page.getByRole('button', { name: button, exact: true }).click();
  };
  await act('Let it in as it is', 'Why let it in');
  await stands('Waived, in the ledger');
  await look(page, 'exception-waived');
  await act('Open it again', 'Why open it again');
  await stands('Open again');
  await look(page, 'exception-reopened');
  await act('Leave it out for good', 'Why leave it out');
  await stands('Rejected');
  await expect(history).toHaveCount(3);
  await look(page, 'exception-rejected');

  await page.goto('/w/keys/runs?kind=correction');
  await expect(page.getByRole('region', { name: 'Runs' }).getByRole('row')).toHaveCount(4);
  await look(page, 'runs-corrections');
});
