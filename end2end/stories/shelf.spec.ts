// A contract is edited as a draft, tried on a past file in the browser, put in force, and the next file judged so.
import { readFile } from 'node:fs/promises';
import { choose, open, submit, verdict } from './check';
import { glance } from './looks';
import { HEADER } from './sales';
import { expect, requests, test, uploads } from './test';

/** Ten sound rows of ₹100, and three of ₹50. */
function sales(prefix: string): string {
  const lines = [HEADER];
  for (let it = 0; it < 13; it++) lines.push(`${prefix}-${it},2025-03-05,North,Milk 1L,2,${it < 10 ? 100 : 50}.00`);
  return `${lines.join('\n')}\n`;
}

test('a draft is tried on a past file, put in force, and taken back', async ({ page, request }) => {
  const sent = await request.post('/api/v1/runs?workspace=shelf&filename=march.csv', {
    data: sales('march'),
    headers: { 'content-type': 'text/csv' },
  });
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=shelf`)).json();
  await expect.poll(async () => (await run()).status, { timeout: 60_000 }).toBe('complete');

  const workbook = await request.post('/api/v1/runs?workspace=shelf&filename=orders.xlsx', {
    data: await readFile('../src/engine/tests/workbooks/orders.xlsx'),
    headers: { 'content-type': 'application/octet-stream' },
  });
  const of = `/api/v1/runs/${(await workbook.json()).id}?workspace=shelf`;
  await expect.poll(async () => (await (await request.get(of)).json()).status, { timeout: 60_000 }).toBe('complete');

  await page.goto('/w/shelf/controls');
  await page.getByRole('region', { name: 'Contracts' }).getByRole('link', { name: 'sales' }).click();
  await expect(page.getByRole('heading', { name: 'Contract sales' })).toBeVisible();
  const column = (name: string) => page.getByRole('region', { name: 'Columns' }).getByRole('row').filter({ hasText: name });
  await expect(column('revenue').getByRole('cell')).toHaveText([
    'an amount of money',
    'has to be there, in every row',
    '0 or more',
    'amount, sales, sales amount, total amount',
  ]);
  await page.getByRole('link', { name: 'Edit as a draft' }).click();
  await page.getByRole('textbox', { name: 'Least of revenue' }).fill('much');
  await page.getByRole('button', { name: 'Save as a draft' }).click();
  // The page that held the form comes back, and says which field is wrong.
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('Least of revenue: much is no number');
  await expect(alert).toBeFocused();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Contract sales');
  await expect(page.getByRole('textbox', { name: 'Least of revenue' })).toHaveValue('much');
  await page.getByRole('textbox', { name: 'Least of revenue' }).fill('60');
  await page.getByLabel('What it is for').first().fill('small sales are mistakes');
  await page.getByRole('button', { name: 'Save as a draft' }).click();
  await expect(page.getByRole('status')).toContainText('Saved as a draft');
  const changes = page.getByRole('region', { name: 'What this draft changes' });
  await expect(changes).toContainText('asks for minimum 60 instead of minimum 0');
  await expect(changes).toContainText('files that pass now may fail');

  const asked = requests(page);
  await page.getByRole('button', { name: 'Try the draft' }).click();
  const tried = page.getByRole('region', { name: 'What the draft would do' });
  const cells = tried.getByRole('row').filter({ hasText: 'march.csv' }).getByRole('cell');
  await expect(cells).toHaveText(['0', '3', '₹0.00', '₹150.00', 'VAL06: 0 becomes 3']);
  await expect(changes).toContainText('nothing was sent');
  const book = tried.getByRole('row').filter({ hasText: 'orders.xlsx' }).getByRole('cell');
  await expect(book.first()).toHaveText(/^\d+$/);
  await glance(page, 'contract-tried');
  expect(uploads(asked)).toEqual([]);

  // What is in force has not changed yet.
  const before = await (await request.get('/api/v1/contracts?workspace=shelf')).json();
  expect(before.contracts[0].version).toBe('1.0.0');
  await page.getByLabel('Why').first().fill('agreed on Monday');
  await page.getByRole('button', { name: 'Put in force' }).click();
  await expect(page.getByRole('status')).toContainText('It is in force');
  await expect(column('revenue')).toContainText('60 or more');
  const version = page.getByRole('region', { name: 'Versions' }).getByRole('row').filter({ hasText: 'version 1 ' });
  await expect(version).toContainText('small sales are mistakes');
  await expect(version).toContainText('agreed on Monday');

  await open(page, '/w/shelf');
  await choose(page, { name: 'april.csv', mimeType: 'text/csv', buffer: Buffer.from(sales('april')) });
  await expect(verdict(page)).toContainText('10 of 13');
  await submit(page);
  await expect(page.getByText('Confirmed: server and browser agree')).toBeVisible();
  expect((await run()).verdict.contract.version).toBe('1.0.0');

  await page.goto('/w/shelf/controls/contracts/sales?from=0&to=1');
  await expect(page.getByRole('region', { name: 'From version 0, as started to version 1' })).toContainText('minimum 60');
  await glance(page, 'contract-compared');
  await page.getByText('Go back to it').click();
  await page.getByLabel('Why').first().fill('too strict');
  await page.getByRole('button', { name: 'Make it the next version' }).click();
  await expect(column('revenue')).toContainText('0 or more');
});

test('a text that is no contract comes back with its lines, and one that is becomes a draft', async ({ page, request }) => {
  await page.goto('/w/shelf-text/controls/contracts/sales?edit=0');
  await page.getByText('Everything else: the contract as text').click();
  const text = page.getByLabel('The contract as YAML');
  const sound = await text.inputValue();
  await text.fill(sound.replace('kind: DataContract', 'kind: Nothing'));
  await page.getByRole('button', { name: 'Save the text as a draft' }).click();
  await expect(page.getByRole('alert')).toContainText(/Line \d+, column \d+/);
  await expect(text).toHaveValue(/kind: Nothing/);
  await glance(page, 'contract-faulty');
  await text.fill(sound.replace('1.0.0', '2.0.0'));
  await page.getByRole('button', { name: 'Save the text as a draft' }).click();
  await expect(page.getByRole('status')).toContainText('Saved as a draft');
  await expect(page.getByText('the version: 1.0.0 becomes 2.0.0')).toBeVisible();
  await page.getByText('Discard').first().click();
  await page.getByLabel('Why').last().fill('only tried');
  await page.getByRole('button', { name: 'Discard' }).click();
  await expect(page.getByRole('status')).toContainText('The draft is discarded');

  // Decided on by somebody else meanwhile.
  const { contracts } = await (await request.get('/api/v1/contracts?workspace=shelf-text')).json();
  const data = { ...contracts[0].contract, version: '3.0.0' };
  expect((await request.post('/api/v1/contracts/drafts?workspace=shelf-text&note=late', { data })).status()).toBe(201);
  await page.goto('/w/shelf-text/controls/contracts/sales?version=2');
  await page.getByLabel('Why').first().fill('agreed');
  const discard = '/api/v1/contracts/sales/versions/2/discard?workspace=shelf-text';
  expect((await request.post(discard, { data: { reason: 'not needed' } })).status()).toBe(200);
  await page.getByRole('button', { name: 'Put in force' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/./);
  await expect(page.getByRole('status')).toHaveCount(0);
  await glance(page, 'contract-overtaken');
});
