// The lists of a contract: what is corrected often becomes a synonym, and a list goes out and comes back as a file.
import { readFile, writeFile } from 'node:fs/promises';
import type { APIRequestContext } from '@playwright/test';
import { choose, open, verdict } from './check';
import { glance } from './looks';
import { expect, test } from './test';

const HEADER = 'order_id,order_date,region,product,quantity,revenue';

async function submit(request: APIRequestContext, workspace: string, name: string, rows: string[]) {
  const sent = await request.post(`/api/v1/runs?filename=${name}&workspace=${workspace}`, {
    data: [HEADER, ...rows, ''].join('\n'),
    headers: { 'content-type': 'text/csv' },
  });
  expect(sent.status()).toBe(202);
  const { id } = await sent.json();
  const run = async () => (await request.get(`/api/v1/runs/${id}?workspace=${workspace}`)).json();
  await expect.poll(async () => (await run()).status).toBe('complete');
}

test('what is corrected three times is proposed, accepted, and read right from the next file on', async ({ page, request }) => {
  const row = (name: string, region: string) => `${name},2026-01-15,${region},Milk 1L,1,20.00`;
  const sound = Array.from({ length: 20 }, (_, at) => row(`SYN-${at}`, 'East'));
  const nort = ['SYN-20', 'SYN-21', 'SYN-22'].map((it) => row(it, 'Nort'));
  await submit(request, 'synonyms', 'january.csv', [...sound, ...nort]);
  for (let times = 0; times < 3; times++) {
    await page.goto('/w/synonyms/exceptions');
    await expect(page.getByText('Make it a synonym')).toHaveCount(0);
    await page.getByRole('link', { name: /^Correct here: Line/ }).first().click();
    await page.getByRole('textbox', { name: 'region' }).fill('North');
    await page.getByRole('button', { name: 'Judge and save' }).click();
    await expect(page.getByRole('status')).toContainText('1 row corrected: in the ledger now.');
  }
  await submit(request, 'synonyms', 'february.csv', [...sound, row('SYN-30', 'Nort')].map((it) => it.replace('SYN-', 'NEW-')));

  await page.goto('/w/synonyms/exceptions');
  await expect(page.getByText('Nort was corrected to North 3 times')).toBeVisible();
  await page.getByRole('link', { name: 'Make it a synonym' }).click();
  const proposals = page.getByRole('region', { name: 'Corrected again and again' });
  await expect(proposals.getByRole('row', { name: /Nort/ })).toContainText('₹60.00');
  await glance(page, 'list-proposed');
  await page.getByRole('button', { name: 'Accept as synonym: Nort for North', exact: true }).click();
  await expect(page.getByRole('status')).toContainText('The synonym was added. In force from now on');
  await expect(page.getByText('Corrected again and again')).toHaveCount(0);
  await expect(page.getByRole('row', { name: /^North/ })).toContainText('Nort');

  // What waits is judged again, by one click.
  await page.getByRole('button', { name: 'Judge the open exceptions of VAL05 again' }).click();
  await expect(page.getByRole('status')).toContainText('1 row judged again: in the ledger now.');

  // A fresh file passes, with the warning for synonyms.
  await open(page, '/w/synonyms');
  const buffer = Buffer.from([HEADER, row('SYN-90', 'Nort'), ''].join('\n'));
  await choose(page, { name: 'march.csv', mimeType: 'text/csv', buffer });
  await expect(verdict(page)).toContainText('The one row can be loaded.');
  await expect(verdict(page)).toContainText('REF02');
});

test('a list is looked through, changed by small forms, and comes back from a file', async ({ page }, info) => {
  await page.goto('/w/lists/controls/contracts/sales/lists/products');
  await expect(page.getByRole('heading', { level: 1, name: 'products' })).toBeVisible();
  await page.getByLabel('Value, synonym or attribute').fill('milk');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByRole('row')).toHaveCount(2);
  await expect(page).toHaveURL(/q=milk/);
  await expect(page.getByRole('searchbox', { name: 'Search for a key' })).toHaveValue('');
  await page.getByLabel('Change Milk 1L').click();
  await page.getByLabel('Another synonym').fill('Doodh');
  await glance(page, 'list-unfolded');
  await page.getByRole('button', { name: 'Add to Milk 1L', exact: true }).click();
  await expect(page.getByRole('status')).toContainText('The synonym was added.');
  await expect(page.getByRole('row', { name: /^Milk 1L/ })).toContainText('Doodh');

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
  expect(download.suggestedFilename()).toBe('products.csv');
  const path = info.outputPath('products.csv');
  await download.saveAs(path);
  const text = await readFile(path, 'utf8');
  expect(text.split('\r\n')[0]).toBe('\ufeffvalue,synonyms,category,sku');
  await writeFile(path, text.replace('Doodh', 'Doodh|Dudh'));
  // What is no list leads back to it, and names the file and the line.
  await page.getByLabel('File', { exact: true }).setInputFiles({ name: 'wrong.csv', mimeType: 'text/csv', buffer: Buffer.from('value\nOne\n one\n') });
  await page.getByRole('button', { name: 'Upload and compare' }).click();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('wrong.csv, line 3, column 1: the value one stands in the list already');
  await expect(alert).toBeFocused();
  await page.getByLabel('New value').fill('milk 1l');
  await page.getByRole('button', { name: 'Add the value' }).click();
  await expect(alert).toContainText('the value milk 1l stands in the list already');
  await expect(page.getByLabel('New value')).toHaveValue('milk 1l');
  await page.getByLabel('File', { exact: true }).setInputFiles(path);
  await page.getByRole('button', { name: 'Upload and compare' }).click();
  await expect(page).toHaveURL(/\/controls\/contracts\/sales\?version=2$/);
  await expect(page.getByText('Dudh')).toBeVisible();
});
